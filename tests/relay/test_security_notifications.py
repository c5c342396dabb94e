"""Security events of an account are told to its owner, each once and by itself."""

import pytest

from events import DataExportRequested, PasswordChanged, RefreshTokenReused, SessionBegan
from services.unit_of_work import unit_of_work
from tests.support.account import DEVICE, act, sign_in
from tests.support.app import App
from tests.support.client import Client
from tests.support.notifications import Shown, empty_inboxes, nodes, shown
from tests.support.relay import drained
from tests.support.world import change

TEXTS = {
    SessionBegan: "A new device signed in to your account.",
    PasswordChanged: "Your password was changed, and all other devices were signed out.",
    RefreshTokenReused: "A device was signed out, because its session may have been stolen.",
    DataExportRequested: "A copy of your data was requested.",
}


@pytest.fixture(autouse=True)
async def empty(client: Client) -> None:
    await drained(client.resources)
    await empty_inboxes(client)


async def test_each_security_event_has_a_notification_of_its_own(client: Client) -> None:
    ana = await client.user_id("ana")
    for _ in range(2):
        async with unit_of_work(client.resources) as work:
            work.emit(SessionBegan(actor_id=ana, device_id=1))
            work.emit(PasswordChanged(actor_id=ana))
            work.emit(RefreshTokenReused(actor_id=ana, device_id=1))
            work.emit(DataExportRequested(actor_id=ana, export_id=1))
        await drained(client.resources)
    found = await nodes(client, "ana")
    assert [node["text"] for node in found] == [*reversed(TEXTS.values())] * 2
    assert {(node["kind"], node["actor"], node["subject"], node["actorCount"]) for node in found} == {
        ("SECURITY", None, None, 1)
    }
    assert await App(client, "ana").badge() == (8, 8)


async def test_a_sign_in_is_told_and_cannot_be_turned_off(client: Client) -> None:
    await change(
        client.resources, "INSERT INTO channel_preferences SELECT id, 'SECURITY', false, false, false FROM users"
    )
    await sign_in(client, "ana")
    await drained(client.resources)
    assert await shown(client, "ana") == [Shown("SECURITY", None, 1, None)]


async def test_the_first_session_of_an_account_is_not_told_and_the_second_is(client: Client) -> None:
    account = {"email": "zoe@example.com", "password": "a-long-pass-phrase"}
    await act(client, "SignUp", {**account, "handle": "zoe", "name": "Zoe", "device": DEVICE})
    await drained(client.resources)
    assert await shown(client, "zoe") == []
    await act(client, "LogIn", {**account, "device": DEVICE})
    await drained(client.resources)
    assert await shown(client, "zoe") == [Shown("SECURITY", None, 1, None)]


async def test_both_sessions_of_a_new_account_in_one_batch(client: Client) -> None:
    account = {"email": "zoe@example.com", "password": "a-long-pass-phrase"}
    await act(client, "SignUp", {**account, "handle": "zoe", "name": "Zoe", "device": DEVICE})
    await act(client, "LogIn", {**account, "device": DEVICE})
    await drained(client.resources)
    assert await shown(client, "zoe") == [Shown("SECURITY", None, 1, None)]
