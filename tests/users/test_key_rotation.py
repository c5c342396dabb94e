"""Tests key rotation during sign-ins, without errors for users."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from adapters.database import Queries
from core.settings import Settings
from core.settings.keys import DEV_SECRET_KEYS
from services.maintenance.key_rotation import rotate_keys
from services.resources import open_resources
from tests.support.account import DEVICE, act, refresh, sign_in
from tests.support.client import Client, operation
from tests.support.jobs import rows
from tests.support.settings_screen import delete_account
from tests.support.timing import settings_for
from tests.users.test_revocation import process

NEW = "next:the-next-secret-of-more-than-32-bytes-00000"
BOTH = f"{NEW},{DEV_SECRET_KEYS}"


def replaced(settings: Settings, secret_keys: str) -> Settings:
    return settings_for(settings.database_url, secret_keys=secret_keys)


PUSH = {"token": "push-token-of-bens-phone", "provider": "APNS"}


@pytest.fixture
async def rotated(settings: Settings) -> AsyncGenerator[Client]:
    """Provides a process with the new and the old key, and data of the old key."""
    async with process(settings) as old:
        session = await sign_in(old, "ben")
        await act(old, "RegisterPushToken", PUSH, token=session["accessToken"])
    both = settings_for(settings.database_url, secret_keys=BOTH, log_in_per_account=10_000)
    async with process(both) as made:
        yield made


async def test_everything_is_under_the_new_key_and_the_old_one_is_needed_no_more(
    rotated: Client, settings: Settings
) -> None:
    session = await sign_in(rotated, "ana")
    assert await rotate_keys(rotated.resources, lambda _: None) >= 5
    assert await rotate_keys(rotated.resources, lambda _: None) == 0
    alone = settings_for(settings.database_url, secret_keys=NEW, retired_keys=DEV_SECRET_KEYS)
    async with process(alone) as client:
        for handle in ("ana", "ben", "chi", "dia"):
            fresh = await sign_in(client, handle)
            answer = (await client.post(operation("account.graphql", "Devices"), token=fresh["accessToken"])).json()
            assert answer["data"]["viewer"]["email"] == f"{handle}@example.com"
        assert (await refresh(client, session["refreshToken"]))["__typename"] == "RefreshSessionSuccess"
        taken = {"email": "ANA@example.com", "password": "a long password", "handle": "anew", "name": "A"}
        assert (await act(client, "SignUp", {**taken, "device": DEVICE}))["code"] == "ALREADY_EXISTS"
        (kept,) = await rows(client.resources, "push_tokens")
        assert client.resources.vault.open(kept["user_id"], bytes(kept["token"])) == PUSH["token"]
        owner = await sign_in(client, "chi")
        await act(client, "RegisterPushToken", PUSH, token=owner["accessToken"])
        (kept,) = await rows(client.resources, "push_tokens")
        assert kept["user_id"] == await client.user_id("chi")


async def test_while_keys_are_rotated_no_request_fails(rotated: Client) -> None:
    done, answered = asyncio.Event(), 0

    async def go_on_signing_in(handle: str) -> None:
        nonlocal answered
        while not done.is_set():
            session = await sign_in(rotated, handle)
            query = operation("account.graphql", "Devices")
            answer = (await rotated.post(query, token=session["accessToken"])).json()
            assert answer["data"]["viewer"]["email"] == f"{handle}@example.com"
            assert (await refresh(rotated, session["refreshToken"]))["__typename"] == "RefreshSessionSuccess"
            answered += 3

    async with asyncio.TaskGroup() as tasks:
        for handle in ("ana", "ben", "chi", "dia"):
            tasks.create_task(go_on_signing_in(handle))
        await asyncio.sleep(0.3)
        sealed = await rotate_keys(rotated.resources, lambda _: None)
        await asyncio.sleep(0.3)
        done.set()
    assert sealed >= 5
    assert answered >= 12


async def test_an_account_that_is_deleted_meanwhile_leaves_its_address_free(
    rotated: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deletes the account just before the first transaction of the rotation."""
    token, begin = (await sign_in(rotated, "ben"))["accessToken"], rotated.resources.database.transaction
    deleted: list[str] = []

    @asynccontextmanager
    async def begin_late() -> AsyncGenerator[Queries]:
        if not deleted:
            deleted.append("ben")
            answer = await delete_account(rotated, token, "open-sesame-ben", giveUpBalance=True)
            assert answer["__typename"] == "DeleteAccountSuccess"
        async with begin() as transaction:
            yield transaction

    monkeypatch.setattr(rotated.resources.database, "transaction", begin_late)
    await rotate_keys(rotated.resources, lambda _: None)
    joining = {"email": "ben@example.com", "password": "a long password", "handle": "ben2", "name": "B"}
    assert (await act(rotated, "SignUp", {**joining, "device": DEVICE}))["__typename"] == "SignUpSuccess"


@pytest.mark.parametrize("sent", ["SignUp", "RegisterPushToken"])
async def test_processes_with_the_keys_in_another_order_keep_what_is_unique_unique(
    settings: Settings, sent: str
) -> None:
    async with process(replaced(settings, f"{DEV_SECRET_KEYS},{NEW}")) as old, process(replaced(settings, BOTH)) as new:
        tokens = [(await sign_in(client, handle))["accessToken"] for client, handle in ((old, "ana"), (new, "ben"))]
        for number in range(5):
            joining = {
                "email": f"eva{number}@example.com",
                "password": "a long password",
                "name": "E",
                "device": DEVICE,
            }
            inputs = {
                "SignUp": [{**joining, "handle": f"eva{number}_{place}"} for place in range(2)],
                "RegisterPushToken": [{"token": f"token-{number}", "provider": "FCM"}] * 2,
            }[sent]
            answers = await asyncio.gather(
                *(
                    act(client, sent, one, token=token)
                    for client, one, token in zip((old, new), inputs, tokens, strict=True)
                )
            )
            if sent == "SignUp":
                assert sorted(answer["__typename"] for answer in answers) == ["AlreadyExistsProblem", "SignUpSuccess"]
            else:
                assert len(await rows(old.resources, "push_tokens")) == 1


async def test_a_process_that_has_the_new_key_second_reads_what_the_new_ones_write(settings: Settings) -> None:
    """Runs servers with different current keys, as during a roll-out."""
    waiting = settings_for(settings.database_url, secret_keys=f"{DEV_SECRET_KEYS},{NEW}")
    both = settings_for(settings.database_url, secret_keys=BOTH)
    joining = {"email": "new@example.com", "password": "a long password", "handle": "newcomer", "name": "N"}
    async with process(waiting) as old, process(both) as new:
        session = (await act(new, "SignUp", {**joining, "device": DEVICE}))["session"]
        answer = (await old.post("{ viewer { email } }", token=session["accessToken"])).json()
        assert answer["data"]["viewer"]["email"] == "new@example.com"
        assert (await refresh(old, session["refreshToken"]))["__typename"] == "RefreshSessionSuccess"
    async with open_resources(both) as resources:
        assert await rotate_keys(resources, lambda _: None) >= 4
