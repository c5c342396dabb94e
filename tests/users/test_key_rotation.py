"""Keys are rotated while people sign in, and nobody notices."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from core.settings import DEV_SECRET_KEYS, Settings
from services.key_rotation import rotate_keys
from services.resources import open_resources
from tests.support.account import DEVICE, act, refresh, sign_in
from tests.support.client import Client, operation
from tests.support.jobs import rows
from tests.users.test_revocation import process

NEW = "next:the-next-secret-of-more-than-32-bytes-00000"
BOTH = f"{NEW},{DEV_SECRET_KEYS}"
PUSH = {"token": "push-token-of-bens-phone", "provider": "APNS"}


@pytest.fixture
async def rotated(settings: Settings) -> AsyncGenerator[Client]:
    """A process with the new key before the old one, in a world that was made with the old one."""
    async with process(settings) as old:
        session = await sign_in(old, "ben")
        await act(old, "RegisterPushToken", PUSH, token=session["accessToken"])
    both = Settings(
        database_url=settings.database_url, database_deadline=2.0, secret_keys=BOTH, log_in_per_account=10_000
    )
    async with process(both) as made:
        yield made


async def test_everything_is_under_the_new_key_and_the_old_one_is_needed_no_more(
    rotated: Client, settings: Settings
) -> None:
    session = await sign_in(rotated, "ana")
    assert await rotate_keys(rotated.resources, lambda _: None) >= 5
    assert await rotate_keys(rotated.resources, lambda _: None) == 0
    alone = Settings(database_url=settings.database_url, database_deadline=2.0, secret_keys=NEW)
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


async def test_a_process_that_has_the_new_key_second_reads_what_the_new_ones_write(settings: Settings) -> None:
    """As it is while a new key is rolled out."""
    waiting = Settings(
        database_url=settings.database_url, database_deadline=2.0, secret_keys=f"{DEV_SECRET_KEYS},{NEW}"
    )
    both = Settings(database_url=settings.database_url, database_deadline=2.0, secret_keys=BOTH)
    joining = {"email": "new@example.com", "password": "a long password", "handle": "newcomer", "name": "N"}
    async with process(waiting) as old, process(both) as new:
        session = (await act(new, "SignUp", {**joining, "device": DEVICE}))["session"]
        answer = (await old.post("{ viewer { email } }", token=session["accessToken"])).json()
        assert answer["data"]["viewer"]["email"] == "new@example.com"
        assert (await refresh(old, session["refreshToken"]))["__typename"] == "RefreshSessionSuccess"
    async with open_resources(both) as resources:
        assert await rotate_keys(resources, lambda _: None) >= 4
