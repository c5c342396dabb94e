"""The engine URLs of payment providers, and wrong ones."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.payments import InvalidWebhook, ProviderUnavailable, open_payment_provider
from adapters.payments.missing import MissingProvider
from adapters.payments.sandbox.provider import SandboxProvider
from core.errors import SettingsError
from core.settings import Settings
from tests.support.providers import BEGIN, END, charge_request, opened_provider, refund_request

PRODUCTION: dict[str, Any] = {"env": "production", "secret_keys": "a:" + "x" * 32}


@pytest.mark.parametrize(
    ("url", "secret", "message"),
    [
        ("paypal://", "", "BFF_PAYMENTS_URL: no driver for paypal://; use stripe:// or sandbox://"),
        ("sandbox", "", "BFF_PAYMENTS_URL: this is not a URL like stripe:// or sandbox://"),
        ("sk_live_hunter2", "", "BFF_PAYMENTS_URL: this is not a URL like stripe:// or sandbox://"),
        ("stripe://", "", "BFF_PAYMENTS_SECRET: stripe:// needs an API key"),
        *(
            (url, "hunter2", "BFF_PAYMENTS_URL: this is not an address like 127.0.0.1:8100")
            for url in (
                "sandbox+http://",
                "sandbox+http://localhost",
                "sandbox+http://localhost:port",
                "sandbox+http://localhost:99999",
                "sandbox+http://localhost:80/path",
                "sandbox+http://user:hunter2@localhost:80",
                "stripe://sk_live_hunter2@:80",
                "stripe://sk_live_hunter2",
            )
        ),
    ],
)
def test_a_wrong_url_is_one_line_without_secrets(url: str, secret: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_payment_provider(Settings(payments_url=url, payments_secret=secret))
    assert str(caught.value) == message


def test_short_webhook_secrets_are_rejected() -> None:
    with pytest.raises(SettingsError, match=r"^BFF_PAYMENTS_WEBHOOK_SECRETS: use at least 16 characters each$"):
        Settings(payments_webhook_secrets="whsec_long_enough_0,short")
    both = Settings(payments_webhook_secrets=f" {'a' * 16},{'b' * 16}, ")
    assert both.webhook_secrets == ("a" * 16, "b" * 16)


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


async def test_development_has_a_sandbox_in_a_file_that_its_first_use_creates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened_provider() as provider:
        assert isinstance(provider.provider, SandboxProvider)
        assert names(tmp_path) == []
        await provider.charge(charge_request("pm_seed_1"))
    assert names(tmp_path) == [".data/sandbox.sqlite3"]


async def test_production_without_a_provider_moves_no_money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened_provider(**PRODUCTION) as provider:
        assert isinstance(provider.provider, MissingProvider)
        assert (provider.name, provider.is_available) == ("none", False)
        request = charge_request("pm_seed_1")
        with pytest.raises(ProviderUnavailable):
            provider.check_available()
        for call in (
            provider.add_card(7, "tok_visa", "key"),
            provider.remove_card("pm_seed_1"),
            provider.charge(request),
            provider.find_charge(request, None),
            provider.cancel_charge("ch_1"),
            provider.refund(refund_request("ch_1")),
            provider.find_refund(refund_request("ch_1"), None),
        ):
            with pytest.raises(ProviderUnavailable):
                await call
        with pytest.raises(ProviderUnavailable):
            _ = [line async for line in provider.statement(BEGIN, END)]
        with pytest.raises(InvalidWebhook):
            provider.read_webhook({}, b"", datetime.now(UTC))
    assert names(tmp_path) == []


async def test_a_sandbox_whose_file_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("this is no database, it only has the length of one" * 100)
    for path in ("file", "file/below", "."):
        async with opened_provider(payments_url=f"sandbox://{tmp_path / path}") as provider:
            with pytest.raises(ProviderUnavailable):
                await provider.charge(charge_request("pm_seed_1"))
