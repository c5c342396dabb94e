"""Dead tokens, providers that fail or ask for a pause, and workers that die."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.settings import Settings
from tests.support.client import Client
from tests.support.deliveries import add_notification, add_phone, after, deliver, deliveries, grow, jobs, stopped
from tests.support.fake_fcm import Answer, FakeFcm, failure
from tests.support.jobs import rows
from tests.support.timing import no_hang, until


@pytest.fixture
def settings(settings: Settings, fcm: FakeFcm) -> Settings:
    return replace(settings, push_url=fcm.url)


async def test_a_dead_token_is_deleted(client: Client, ben: int, fcm: FakeFcm) -> None:
    await add_phone(client, "chi", "chis-phone")
    fcm.answers.append(failure(404, "NOT_FOUND", "UNREGISTERED"))
    await add_notification(client.resources, ben, "FOLLOW")
    await deliver(client.resources)
    assert [row["user_id"] for row in await rows(client.resources, "push_tokens")] == [await client.user_id("chi")]
    assert [row["state"] for row in await deliveries(client.resources)] == ["DEAD"]
    await add_notification(client.resources, ben, "FOLLOW")
    await deliver(client.resources)
    assert len(fcm.messages) == 1


async def test_a_token_that_was_replaced_during_the_call_stays(client: Client, ben: int, fcm: FakeFcm) -> None:
    fcm.answers.append(failure(404, "NOT_FOUND", "UNREGISTERED")._replace(hangs=True))
    await add_notification(client.resources, ben, "FOLLOW")
    delivering = asyncio.create_task(deliver(client.resources))
    await until(lambda: fcm.messages)
    await client.resources.database.fetch("DELETE FROM push_tokens")
    await add_phone(client, "ben", "bens-next-phone")
    fcm.released.set()
    await delivering
    assert len(await rows(client.resources, "push_tokens")) == 1


async def test_a_provider_that_asks_for_a_pause_gets_it(client: Client, ben: int, fcm: FakeFcm) -> None:
    resources = client.resources
    fcm.answers.append(Answer(429, {}, {"retry-after": "90"}))
    await add_notification(resources, ben, "FOLLOW")
    await deliver(resources)
    (job,) = await jobs(resources)
    assert timedelta(seconds=80) < job["due_at"] - resources.clock() <= timedelta(seconds=90)
    assert [row["state"] for row in await deliveries(resources)] == ["LATER"]
    assert await deliver(after(resources, seconds=80)) == 0
    assert await deliver(after(resources, seconds=91)) == 1
    assert len(fcm.messages) == 2
    assert [(row["state"], row["attempts"], row["sent"]) for row in await deliveries(resources)] == [("SENT", 0, 1)]
    assert await jobs(resources) == []


async def test_pauses_grow_to_ten_minutes_until_the_notification_is_a_day_old(
    client: Client, ben: int, fcm: FakeFcm
) -> None:
    resources, pauses = client.resources, list[int]()
    fcm.answers.extend([Answer(429, {}, {"retry-after": "3"})] * 100)
    await add_notification(resources, ben, "FOLLOW", resources.clock() - timedelta(hours=23))
    now = resources.clock()
    while True:
        assert await deliver(stopped(resources, now)) == 1
        if not (waiting := await jobs(resources)):
            break
        pauses.append(round((waiting[0]["due_at"] - now).total_seconds()))
        now = waiting[0]["due_at"]
    assert pauses[:12] == [3, 3, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert sum(pauses) - 600 < 3600 <= sum(pauses)
    assert len(fcm.messages) == len(pauses)


async def test_a_message_that_is_rejected_is_not_sent_again(client: Client, ben: int, fcm: FakeFcm) -> None:
    fcm.answers.append(failure(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"))
    await add_notification(client.resources, ben, "FOLLOW")
    await deliver(client.resources)
    assert [row["state"] for row in await deliveries(client.resources)] == ["REJECTED"]
    assert await jobs(client.resources) == []
    assert len(await rows(client.resources, "push_tokens")) == 1


async def test_a_call_whose_worker_died_is_made_again_with_the_same_key(client: Client, ben: int, fcm: FakeFcm) -> None:
    await add_phone(client, "ben", "bens-tablet")
    await add_notification(client.resources, ben, "FOLLOW")
    fcm.answers.extend([Answer(200, {}), Answer(200, {}, hangs=True)])
    dying = asyncio.create_task(deliver(client.resources))
    await until(lambda: len(fcm.messages) == 2)
    async with no_hang():
        while "SENT" not in [row["state"] for row in await deliveries(client.resources)]:  # noqa: ASYNC110 - a table
            await asyncio.sleep(0.005)
    dying.cancel()
    await asyncio.wait([dying])
    assert sorted(row["state"] for row in await deliveries(client.resources)) == ["SENDING", "SENT"]
    lease = 3 * client.resources.settings.work_deadline
    assert await deliver(after(client.resources, seconds=lease + 1)) == 1
    first, second, again = fcm.messages
    assert again == second
    assert first["token"] != second["token"]
    assert [row["sent"] for row in await deliveries(client.resources)] == [1, 1]


async def _die_with_a_dead_token(client: Client, ben: int, fcm: FakeFcm) -> str:
    """Kills the worker after it has recorded that a token is dead. Returns the token."""
    await add_phone(client, "ben", "bens-tablet")
    await add_notification(client.resources, ben, "FOLLOW")
    fcm.answers.extend([failure(404, "NOT_FOUND", "UNREGISTERED"), Answer(200, {}, hangs=True)])
    dying = asyncio.create_task(deliver(client.resources))
    await until(lambda: len(fcm.messages) == 2)
    async with no_hang():
        while "DEAD" not in [row["state"] for row in await deliveries(client.resources)]:  # noqa: ASYNC110 - a table
            await asyncio.sleep(0.005)
    dying.cancel()
    await asyncio.wait([dying])
    assert len(await rows(client.resources, "push_tokens")) == 2
    return fcm.messages[0]["token"]


async def test_a_dead_token_whose_worker_died_is_deleted(client: Client, ben: int, fcm: FakeFcm) -> None:
    dead = await _die_with_a_dead_token(client, ben, fcm)
    lease = 3 * client.resources.settings.work_deadline
    assert await deliver(after(client.resources, seconds=lease + 1)) == 1
    assert [message["token"] for message in fcm.messages].count(dead) == 1
    (left,) = await rows(client.resources, "push_tokens")
    assert client.resources.vault.open(ben, bytes(left["token"])) != dead


async def test_a_token_that_replaced_a_dead_one_is_kept_when_the_worker_died(
    client: Client, ben: int, fcm: FakeFcm
) -> None:
    await _die_with_a_dead_token(client, ben, fcm)
    await client.resources.database.fetch("UPDATE push_tokens SET registered_at = $1", client.resources.clock())
    lease = 3 * client.resources.settings.work_deadline
    assert await deliver(after(client.resources, seconds=lease + 1)) == 1
    assert len(await rows(client.resources, "push_tokens")) == 2


async def test_what_grows_during_the_call_is_not_lost(client: Client, ben: int, fcm: FakeFcm) -> None:
    resources = client.resources
    notification = await add_notification(resources, ben, "FOLLOW")
    fcm.answers.append(Answer(200, {}, hangs=True))
    delivering = asyncio.create_task(deliver(resources))
    await until(lambda: fcm.messages)
    await grow(resources, ben, notification)
    fcm.released.set()
    await delivering
    await deliver(after(resources, seconds=1))
    assert len(fcm.messages) == 1
    assert await deliver(after(resources, seconds=70)) == 1
    assert len(fcm.messages) == 2
