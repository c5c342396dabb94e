"""The engine URLs of push notifications, and wrong ones."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from adapters.outcomes import Rejected, Sent
from adapters.push import APNS, FCM, open_push
from core.clock import system_clock
from core.errors import SettingsError
from core.settings import Settings
from tests.support.certificates import ec_pem, rsa_pem
from tests.support.pushes import MESSAGE, opened_push

PRODUCTION: dict[str, Any] = {"env": "production", "secret_keys": "a:" + "x" * 32}
NAMES = "key_id=A&team_id=B&topic=com.example.app"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a key of APNs, another key, a service account, and one that is not complete."""
    (tmp_path / "apns.p8").write_bytes(ec_pem())
    (tmp_path / "rsa.p8").write_bytes(rsa_pem())
    account = {
        "project_id": "an-app",
        "client_email": "push@an-app.example",
        "private_key": rsa_pem().decode(),
        "private_key_id": "key-1",
        "token_uri": "https://oauth2.example/token",
    }
    (tmp_path / "account.json").write_text(json.dumps(account))
    (tmp_path / "partial.json").write_text(json.dumps({**account, "token_uri": 1}))
    (tmp_path / "address.json").write_text(json.dumps({**account, "token_uri": "https://[::1"}))
    (tmp_path / "other.json").write_text(json.dumps({**account, "private_key": "hunter2"}))
    return tmp_path


NO_URL = "this is not a URL like fcm:///run/secrets/account.json"
WRONG = [
    ("hunter2", "use apns://, fcm:// or log://"),
    ("gcm:///x", "use apns://, fcm:// or log://"),
    ("log://hunter2", "use apns://, fcm:// or log://"),
    ("log:", "use apns://, fcm:// or log://"),
    ("fcm://", NO_URL),
    ("fcm://localhost/x", NO_URL),
    ("fcm://localhost:port/x", NO_URL),
    ("fcm://hunter2@localhost:80/x", NO_URL),
    ("fcm://[::1/x", NO_URL),
    ("fcm:///x#y", NO_URL),
    ("fcm://{folder}/account.json?x=y", "fcm:// has no parameters"),
    ("fcm://{folder}/none.json", "cannot read {folder}/none.json: No such file or directory"),
    ("fcm://{folder}/partial.json", "{folder}/partial.json is not the file of a service account"),
    ("fcm://{folder}/address.json", "{folder}/address.json is not the file of a service account"),
    ("fcm://{folder}/other.json", "{folder}/other.json is not the file of a service account"),
    ("fcm://{folder}/apns.p8", "{folder}/apns.p8 is not the file of a service account"),
    ("apns://{folder}/apns.p8", "apns:// needs key_id, team_id and topic, and may have environment and ca"),
    (
        "apns://{folder}/apns.p8?" + NAMES + "&x=y",
        "apns:// needs key_id, team_id and topic, and may have environment and ca",
    ),
    (
        "apns://{folder}/apns.p8?" + NAMES + "&environment=test",
        "the environment of apns:// is production or sandbox",
    ),
    ("apns://{folder}/none.p8?" + NAMES, "cannot read {folder}/none.p8: No such file or directory"),
    ("apns://{folder}/rsa.p8?" + NAMES, "{folder}/rsa.p8 is not a key of APNs, a .p8 file"),
    ("apns://{folder}/account.json?" + NAMES, "{folder}/account.json is not a key of APNs, a .p8 file"),
    ("apns://{folder}/apns.p8?" + NAMES + "&ca={folder}/apns.p8", "{folder}/apns.p8 has no certificates"),
    ("apns://{folder}/apns.p8?" + NAMES + "&ca=/none.pem", "cannot read /none.pem: No such file or directory"),
    ("log://,log://", "name one engine for each provider"),
    ("log://,fcm://{folder}/account.json", "name one engine for each provider"),
]


@pytest.mark.parametrize(("url", "message"), WRONG)
def test_a_wrong_url_is_one_line_without_secrets(folder: Path, url: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_push(Settings(push_url=url.format(folder=folder)), system_clock)
    assert str(caught.value) == f"BFF_PUSH_URL: {message.format(folder=folder)}"


CLEAR_TEXT = "BFF_PUSH_URL: in production, only 127.0.0.1, ::1 and localhost are reached without TLS"


@pytest.mark.parametrize("host", ["fcm.example", "10.0.0.1", "[2001:db8::1]", "localhost.example", "127.0.0.1.example"])
async def test_production_reaches_no_other_machine_without_tls(folder: Path, host: str) -> None:
    url = f"fcm://{host}:80{folder}/account.json"
    with pytest.raises(SettingsError) as caught:
        open_push(Settings(push_url=url, **PRODUCTION), system_clock)
    assert str(caught.value) == CLEAR_TEXT
    async with opened_push(url) as push:
        assert push.providers == [FCM]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"])
async def test_production_reaches_this_machine_without_tls(folder: Path, host: str) -> None:
    async with opened_push(f"fcm://{host}:80{folder}/account.json", **PRODUCTION) as push:
        assert push.providers == [FCM]


async def test_production_asks_for_no_access_token_without_tls(folder: Path) -> None:
    account = folder / "account.json"
    account.write_text(account.read_text().replace("https://oauth2", "http://oauth2"))
    with pytest.raises(SettingsError) as caught:
        open_push(Settings(push_url=f"fcm://{account}", **PRODUCTION), system_clock)
    assert str(caught.value) == CLEAR_TEXT


async def test_each_provider_has_its_engine(folder: Path) -> None:
    for environment in ("", "&environment=sandbox"):
        url = f"apns://{folder}/apns.p8?{NAMES}{environment}, fcm://{folder}/account.json,"
        async with opened_push(url) as push:
            assert [engine.name for engine in push.engines] == ["apns", "fcm"]
            assert push.providers == [APNS, FCM]


async def test_a_message_of_a_provider_without_an_engine_is_rejected(folder: Path) -> None:
    async with opened_push(f"fcm://{folder}/account.json") as push:
        assert push.providers == [FCM]
        assert await push.send(MESSAGE) == Rejected("NO_ENGINE")


async def test_production_without_an_engine_sends_nothing() -> None:
    async with opened_push("", **PRODUCTION) as push:
        assert push.providers == []


async def test_development_logs_ids_and_no_personal_data(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with opened_push("") as push:
        assert await push.send(MESSAGE) == Sent()
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("adapters.push.log", "push notification")
    assert {"notification_id": "notification-1", "provider": "APNS"}.items() <= record.__dict__.items()
    assert MESSAGE.token not in str(record.__dict__)
    assert MESSAGE.body not in str(record.__dict__)
