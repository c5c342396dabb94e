from dataclasses import replace

import pytest

from adapters.payments import WebhookKind
from core.settings import Settings
from services.payments import Received
from services.payments.differences import reconcile_hour
from tests.payments.support.wallet_steps import add_card, run_handler, sandbox, top_up
from tests.payments.support.webhooks import SECRET, deliver, event_of, post_body
from tests.support.client import Client


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, metrics=True, payments_webhook_secrets=SECRET)


async def measured(client: Client) -> dict[str, float]:
    """Returns the metrics of payments."""
    lines = (await client.http.get("/metrics")).text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if line.startswith("bff_payment"))
    return {name: float(value) for name, value in values.items()}


async def test_metrics_say_how_long_payments_wait_for_the_provider(client: Client) -> None:
    card = await add_card(client, "ana", "tok_confirm")
    await top_up(client, 1500, paymentMethodId=card)
    await top_up(client, 1500, "paid")
    found = await measured(client)
    assert found.pop("bff_payments_open_seconds") < 3600
    assert {name: value for name, value in found.items() if "webhooks" not in name} == {
        "bff_payments_open": 1,
        "bff_payments_differences": 0,
    }


async def test_metrics_count_differences(client: Client) -> None:
    await top_up(client, 1500)
    await sandbox(client.resources).ask(lambda book: book.run("UPDATE charges SET amount = 1501"))
    now = int(client.resources.clock().timestamp() * 1000)
    await run_handler(client.resources, reconcile_hour, since=now - 3_600_000, until=now + 3_600_000)
    assert (await measured(client))["bff_payments_differences"] == 1


async def test_metrics_count_webhooks_by_result(client: Client) -> None:
    await deliver(client, event_of(WebhookKind.CHARGE_CHANGED, None, "ch_unknown"))
    await deliver(client, event_of(WebhookKind.OTHER))
    for _ in range(2):
        await post_body(client, b"{}", None)
    found = await measured(client)
    assert {name: value for name, value in found.items() if "webhooks" in name and value} == {
        'bff_payment_webhooks_total{result="ignored"}': 1,
        'bff_payment_webhooks_total{result="invalid"}': 2,
        'bff_payment_webhooks_total{result="unknown"}': 1,
    }


async def test_webhooks_of_each_result_are_exported_before_the_first(client: Client) -> None:
    """Prometheus sees no increase of a series that begins with 1."""
    found = await measured(client)
    results = [*(received.value for received in Received), "invalid", "unavailable"]
    webhooks = {name: value for name, value in found.items() if "webhooks" in name}
    assert webhooks == {f'bff_payment_webhooks_total{{result="{result}"}}': 0 for result in sorted(results)}
