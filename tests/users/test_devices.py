"""Tests sign-outs, on this device and on others, and push tokens."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.global_ids import global_id, read_global_id
from events import PushTokenRegistered, SessionBegan, SessionEnded
from tests.support.account import act, devices_of, is_signed_in, refresh, sign_in
from tests.support.client import Client
from tests.support.jobs import enqueued, rows, run_all
from tests.support.kept import events_of, snapshot
from workers.handlers import HANDLERS

NO_DEVICE = {
    "__typename": "NotFoundProblem",
    "code": "NOT_FOUND",
    "message": "The device does not exist.",
    "field": "input.deviceId",
}
OTHERS = "mutation { revokeOtherDevices { ... on RevokeOtherDevicesSuccess { deviceIds } ... on Problem { code } } }"


async def test_signing_out_ends_this_session_and_its_tokens_at_once_here(client: Client) -> None:
    here, there = await sign_in(client, "ana", "Here"), await sign_in(client, "ana", "There")
    answer = await act(client, "LogOut", token=here["accessToken"])
    assert answer == {"__typename": "LogOutSuccess", "deviceId": here["device"]["id"]}
    assert not await is_signed_in(client, here["accessToken"])
    assert (await refresh(client, here["refreshToken"]))["code"] == "SESSION_EXPIRED"
    assert await is_signed_in(client, there["accessToken"])
    names = await devices_of(client, there["accessToken"])
    assert ("Here" in names, "There*" in names) == (False, True)
    assert [type(event) for event in await events_of(client.resources)] == [SessionBegan, SessionBegan, SessionEnded]


async def test_a_device_is_signed_out_from_another(client: Client) -> None:
    here, there = await sign_in(client, "ana", "Here"), await sign_in(client, "ana", "There")
    sent = {"deviceId": there["device"]["id"]}
    answer = await act(client, "RevokeDevice", sent, token=here["accessToken"])
    assert answer == {"__typename": "RevokeDeviceSuccess", "deviceId": there["device"]["id"]}
    assert not await is_signed_in(client, there["accessToken"])
    assert (await refresh(client, there["refreshToken"]))["code"] == "SESSION_EXPIRED"
    assert await is_signed_in(client, here["accessToken"])
    assert await act(client, "RevokeDevice", sent, token=here["accessToken"]) == NO_DEVICE


async def test_somebody_elses_device_and_none_look_the_same_and_nothing_changes(client: Client) -> None:
    ana, ben = await sign_in(client, "ana"), await sign_in(client, "ben")
    ana_id = await client.user_id("ana")
    before = await snapshot(client.resources)
    for device_id in (ben["device"]["id"], global_id("Device", ana_id, 1)):
        assert await act(client, "RevokeDevice", {"deviceId": device_id}, token=ana["accessToken"]) == NO_DEVICE
    assert await snapshot(client.resources) == before
    assert await is_signed_in(client, ben["accessToken"])


async def test_an_id_of_another_type_is_bad_input(client: Client) -> None:
    session, ana_id = await sign_in(client, "ana"), await client.user_id("ana")
    query = "mutation ($id: ID!) { revokeDevice(input: {deviceId: $id}) { __typename } }"
    answer = (await client.post(query, {"id": global_id("User", ana_id, ana_id)}, token=session["accessToken"])).json()
    assert answer["data"] == {"revokeDevice": None}
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_all_other_devices_are_signed_out_at_once(client: Client) -> None:
    sessions = [await sign_in(client, "ana", name) for name in ("One", "Two", "Three")]
    answer = (await client.post(OTHERS, token=sessions[1]["accessToken"])).json()
    ended = set(answer["data"]["revokeOtherDevices"]["deviceIds"])
    assert {sessions[0]["device"]["id"], sessions[2]["device"]["id"]} <= ended
    assert sessions[1]["device"]["id"] not in ended
    assert await devices_of(client, sessions[1]["accessToken"]) == ["Two*"]
    assert [await is_signed_in(client, session["accessToken"]) for session in sessions] == [False, True, False]


async def test_a_push_token_is_kept_sealed_and_belongs_to_one_device(client: Client) -> None:
    ana, ben = await sign_in(client, "ana"), await sign_in(client, "ben")
    sent = {"token": "push-token-of-this-phone:APA91b", "provider": "FCM"}
    for session in (ana, ana, ben):
        answer = await act(client, "RegisterPushToken", sent, token=session["accessToken"])
        assert answer == {
            "__typename": "RegisterPushTokenSuccess",
            "device": {"id": session["device"]["id"], "pushEnabled": True},
        }
    (kept,) = await rows(client.resources, "push_tokens")
    assert kept["user_id"] == await client.user_id("ben")
    assert b"APA91b" not in bytes(kept["token"])
    assert client.resources.vault.open(kept["user_id"], bytes(kept["token"])) == sent["token"]
    events = [event for event in await events_of(client.resources) if isinstance(event, PushTokenRegistered)]
    assert len(events) == 3


async def test_a_device_whose_session_has_expired_is_not_listed_and_then_removed(client: Client) -> None:
    gone, here = await sign_in(client, "ana", "Gone"), await sign_in(client, "ana", "Here")
    await act(client, "RegisterPushToken", {"token": "token", "provider": "FCM"}, token=gone["accessToken"])
    device_id, fetch = read_global_id(gone["device"]["id"], "id").id, client.resources.database.fetch
    expired = client.resources.clock() - timedelta(seconds=2)
    await fetch("UPDATE refresh_families SET expires_at = $2 WHERE device_id = $1", device_id, expired)
    assert "Gone" not in await devices_of(client, here["accessToken"])
    node = await client.post(
        "query ($id: ID!) { node(id: $id) { id } }", {"id": gone["device"]["id"]}, token=here["accessToken"]
    )
    assert node.json()["data"] == {"node": None}
    before = await snapshot(client.resources)
    await enqueued(client.resources, 1, handler="forget_old")
    await run_all(client.resources, HANDLERS)
    after = await snapshot(client.resources)
    assert len(before["devices"]) - len(after["devices"]) == 1
    assert device_id not in [row["id"] for row in after["devices"].values()]
    assert (len(before["push_tokens"]), len(after["push_tokens"])) == (1, 0)
    assert "Here*" in await devices_of(client, here["accessToken"])
    assert (await refresh(client, here["refreshToken"]))["__typename"] == "RefreshSessionSuccess"


async def test_of_registrations_of_one_token_at_once_the_last_one_has_it(client: Client) -> None:
    for number in range(5):
        sessions = [await sign_in(client, handle) for handle in ("ana", "ben", "chi")]
        sent = {"token": f"token-{number}", "provider": "FCM"}
        await asyncio.gather(
            *(act(client, "RegisterPushToken", sent, token=session["accessToken"]) for session in sessions)
        )
        kept = await rows(client.resources, "push_tokens")
        assert len(kept) == number + 1
        assert len({row["push_index"] for row in kept}) == number + 1


async def test_a_device_has_one_token_and_two_devices_may_swap_theirs(client: Client) -> None:
    ana, ben = await sign_in(client, "ana"), await sign_in(client, "ben")

    async def register(session: dict[str, Any], token: str) -> None:
        sent = {"token": token, "provider": "FCM"}
        answer = await act(client, "RegisterPushToken", sent, token=session["accessToken"])
        assert answer["device"]["pushEnabled"]

    async def owners() -> dict[str, int]:
        kept = await rows(client.resources, "push_tokens")
        return {client.resources.vault.open(row["user_id"], bytes(row["token"])): row["user_id"] for row in kept}

    first, second = await client.user_id("ana"), await client.user_id("ben")
    for _ in range(3):
        await register(ana, "one")
        await register(ben, "two")
        assert await owners() == {"one": first, "two": second}
        await asyncio.gather(register(ana, "two"), register(ben, "one"))
        assert await owners() == {"one": second, "two": first}
    await register(ana, "three")
    assert await owners() == {"one": second, "three": first}
    await act(client, "LogOut", token=ana["accessToken"])
    assert await owners() == {"one": second}


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "nul\0", "x" * 4097])
async def test_what_can_be_no_push_token_is_refused_and_changes_nothing(client: Client, token: str) -> None:
    session = await sign_in(client, "ana")
    before = await snapshot(client.resources)
    answer = await act(client, "RegisterPushToken", {"token": token, "provider": "APNS"}, token=session["accessToken"])
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "input.token")
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("name", ["LogOut", "RevokeDevice", "RegisterPushToken", "UpdateProfile"])
async def test_without_a_good_token_nothing_is_done_or_read(client: Client, statements: list[str], name: str) -> None:
    sent = {
        "LogOut": None,
        "RevokeDevice": {"deviceId": global_id("Device", 1, 2)},
        "RegisterPushToken": {"token": "x", "provider": "FCM"},
        "UpdateProfile": {"name": "X"},
    }[name]
    for token in (None, "not.a.token"):
        with pytest.raises(AssertionError, match="UNAUTHENTICATED"):
            await act(client, name, sent, token=token)
    assert statements == []
