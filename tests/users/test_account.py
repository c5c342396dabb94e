"""Tests the profile and the password."""

from typing import Any

import pytest
from argon2 import PasswordHasher

from core.global_ids import read_global_id
from events import PasswordChanged, PasswordRefused, ProfileUpdated
from services.security.passwords import is_outdated
from tests.support.account import DEVICE, act, is_signed_in, sign_in
from tests.support.client import Client
from tests.support.jobs import rows
from tests.support.kept import events_of, snapshot

CHANGE = (
    "mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename "
    "... on ChangePasswordSuccess { deviceIds } ... on Problem { code field } } }"
)
NEW = "another one of hers"


async def change(client: Client, token: str, current: str, new: str = NEW) -> dict[str, Any]:
    sent = {"input": {"currentPassword": current, "newPassword": new}}
    return (await client.post(CHANGE, sent, token=token)).json()["data"]["changePassword"]


async def test_what_is_sent_is_changed_and_the_rest_stays(client: Client) -> None:
    token = (await sign_in(client, "ana"))["accessToken"]
    first = (await act(client, "UpdateProfile", {"name": " Ana M. "}, token=token))["user"]
    assert first["name"] == "Ana M."
    sent = {"bio": "Two\r\nlines ", "avatarUrl": "https://pictures.example.com/new.jpg"}
    second = (await act(client, "UpdateProfile", sent, token=token))["user"]
    assert second == {**first, "bio": "Two\nlines", "avatarUrl": sent["avatarUrl"]}
    third = (await act(client, "UpdateProfile", {"bio": None, "avatarUrl": ""}, token=token))["user"]
    assert third == {**first, "bio": None, "avatarUrl": None}
    assert await client.data('{ user(handle: "ana") { id handle name bio avatarUrl } }') == {"user": third}
    assert (await act(client, "UpdateProfile", {}, token=token))["user"] == third
    assert (await act(client, "UpdateProfile", {"name": "Ana M."}, token=token))["user"] == third
    events = [event for event in await events_of(client.resources) if isinstance(event, ProfileUpdated)]
    assert len(events) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", ""),
        ("name", "x" * 51),
        ("name", "right\u202eleft"),
        ("bio", "x" * 501),
        ("bio", "bell\x07"),
        ("avatarUrl", "http://pictures.example.com/x.jpg"),
        ("avatarUrl", "javascript:alert(1)"),
        ("avatarUrl", "https://"),
        ("avatarUrl", "https://exa mple.com/"),
        ("avatarUrl", "https://[::1"),
        ("avatarUrl", f"https://example.com/{'x' * 2000}"),
    ],
)
async def test_what_is_not_right_is_named_and_changes_nothing(client: Client, field: str, value: Any) -> None:
    token = (await sign_in(client, "ana"))["accessToken"]
    before = await snapshot(client.resources)
    answer = await act(client, "UpdateProfile", {"bio": "New", field: value}, token=token)
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", f"input.{field}")
    assert await snapshot(client.resources) == before


async def test_another_password_is_good_from_then_on_and_ends_the_other_sessions(client: Client) -> None:
    here, there = await sign_in(client, "ana"), await sign_in(client, "ana")
    answer = await change(client, here["accessToken"], "open-sesame-ana")
    assert answer["__typename"] == "ChangePasswordSuccess"
    assert there["device"]["id"] in answer["deviceIds"]
    assert [await is_signed_in(client, each["accessToken"]) for each in (here, there)] == [True, False]
    for password, expected in (("open-sesame-ana", "InvalidCredentialsProblem"), (NEW, "LogInSuccess")):
        sent = {"email": "ana@example.com", "password": password, "device": DEVICE}
        assert (await act(client, "LogIn", sent))["__typename"] == expected
    assert PasswordChanged(actor_id=await client.user_id("ana")) in await events_of(client.resources)


@pytest.mark.parametrize("new", ["short", "password123", "ana@example.com"])
async def test_a_new_password_that_is_not_right_is_named_and_changes_nothing(client: Client, new: str) -> None:
    session = await sign_in(client, "ana")
    before = await snapshot(client.resources)
    answer = await change(client, session["accessToken"], "open-sesame-ana", new)
    assert (answer["code"], answer["field"]) == ("INVALID_INPUT", "input.newPassword")
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("current", ["wrong", ""])
async def test_a_wrong_password_is_noted_and_changes_nothing_else(client: Client, current: str) -> None:
    session = await sign_in(client, "ana")
    before = await snapshot(client.resources)
    answer = await change(client, session["accessToken"], current)
    assert (answer["code"], answer["field"]) == ("INVALID_CREDENTIALS", "input.currentPassword")
    after = await snapshot(client.resources)
    assert {table for table in after if after[table] != before[table]} == {"event_log"}
    device_id = read_global_id(session["device"]["id"], "id").id
    refused = PasswordRefused(actor_id=await client.user_id("ana"), device_id=device_id)
    assert (await events_of(client.resources))[-1] == refused


async def test_a_hash_of_other_parameters_is_renewed_when_its_owner_signs_in(client: Client) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("open-sesame-ana")
    ana = await client.user_id("ana")
    await client.resources.database.fetch("UPDATE credentials SET password_hash = $2 WHERE user_id = $1", ana, old)
    assert is_outdated(old)
    await sign_in(client, "ana")
    (kept,) = [row for row in await rows(client.resources, "credentials") if row["user_id"] == ana]
    assert not is_outdated(kept["password_hash"])
    await sign_in(client, "ana")
