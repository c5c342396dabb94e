"""Notifications reach the phones of their recipients, by the queue of jobs and a push provider."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.settings import Settings
from services.notifications.texts import notification_text
from services.resources import Resources
from tests.support.app import App
from tests.support.client import Client
from tests.support.deliveries import (
    add_job,
    add_notification,
    add_phone,
    after,
    announce_growth,
    comment,
    deliver,
    deliveries,
    grow,
    jobs,
    prefer,
    stopped,
)
from tests.support.fake_fcm import FakeFcm
from tests.support.jobs import rows, run_due
from tests.support.relay import drained
from tests.support.timing import no_hang, until
from workers import run_jobs, run_relay
from workers.handlers import HANDLERS

LINK = "https://app.example/n/"


@pytest.fixture
def settings(settings: Settings, fcm: FakeFcm) -> Settings:
    return replace(settings, push_url=fcm.url, notification_link=LINK)


async def test_a_comment_reaches_every_phone_of_its_recipient_once(client: Client, ben: int, fcm: FakeFcm) -> None:
    await add_phone(client, "ben", "bens-tablet")
    await add_phone(client, "chi", "chis-phone")
    unseen, _ = await App(client, "ben").badge()
    await comment(client)
    assert await deliver(client.resources) == 1
    assert sorted(message["token"] for message in fcm.messages) == ["bens-phone", "bens-tablet"]
    query = "{ viewer { notifications(first: 1) { edges { node { id text } } } } }"
    (edge,) = (await client.data(query, as_="ben"))["viewer"]["notifications"]["edges"]
    for message in fcm.messages:
        assert message["notification"] == {"body": edge["node"]["text"]}
        assert message["data"] == {"link": LINK + edge["node"]["id"], "notificationId": edge["node"]["id"]}
        assert message["android"]["collapse_key"] == edge["node"]["id"]
        assert message["android"]["notification"]["notification_count"] == unseen + 1
    assert [
        (row["channel"], row["state"], row["sent"], row["owner_id"]) for row in await deliveries(client.resources)
    ] == [
        ("PUSH", "SENT", 1, ben),
        ("PUSH", "SENT", 1, ben),
    ]
    assert await rows(client.resources, "jobs") == []
    (notification,) = await rows_of(client.resources, ben)
    await add_job(client.resources, ben, notification)
    assert await deliver(after(client.resources, hours=1)) == 1
    assert len(fcm.messages) == 2, "a job that is repeated sends nothing again"


async def rows_of(resources: Resources, owner_id: int) -> list[int]:
    found = await resources.database.fetch("SELECT id FROM notifications WHERE owner_id = $1 ORDER BY id", owner_id)
    return [row["id"] for row in found]


async def test_no_job_is_made_for_what_nothing_is_sent(client: Client, ben: int, fcm: FakeFcm) -> None:
    post_id = await App(client, "ben").publishes()
    await App(client, "chi").does("LikePost", postId=post_id)
    chis = await App(client, "chi").publishes()
    await App(client, "ben").comments(chis)
    await drained(client.resources)
    assert len(await rows_of(client.resources, ben)) == 1
    assert await jobs(client.resources) == []
    await prefer(client.resources, ben, "LIKE", push=True, email=False)
    await App(client, "ana").does("LikePost", postId=post_id)
    await prefer(client.resources, ben, "COMMENT", push=False, email=False)
    await App(client, "ana").comments(post_id)
    await drained(client.resources)
    assert await announce_growth(client.resources) == 1
    assert await deliver(client.resources) == 1
    assert len(fcm.messages) == 1


@pytest.mark.parametrize("column", ["seen_at", "read_at", "archived_at"])
async def test_a_notification_that_was_seen_is_not_sent(client: Client, ben: int, fcm: FakeFcm, column: str) -> None:
    await comment(client)
    await drained(client.resources)
    await client.resources.database.fetch(f"UPDATE notifications SET {column} = created_at WHERE owner_id = $1", ben)
    assert await deliver(client.resources) == 1
    assert fcm.messages == []
    assert await rows(client.resources, "jobs") == []


@pytest.mark.parametrize(("blocker", "blocked"), [("ben", "chi"), ("chi", "ben")])
async def test_a_notification_of_a_user_who_is_blocked_is_not_sent(
    client: Client, ben: int, fcm: FakeFcm, blocker: str, blocked: str
) -> None:
    await comment(client)
    await drained(client.resources)
    await App(client, blocker).does("BlockUser", userId=await App(client, blocked).global_id())
    assert await deliver(client.resources) == 1
    assert fcm.messages == []
    assert await deliveries(client.resources) == []
    assert len(await rows_of(client.resources, ben)) == 1


async def test_the_text_is_in_the_language_of_the_phone(client: Client, ben: int, fcm: FakeFcm) -> None:
    await add_phone(client, "ben", "bens-tablet")
    set_locale = "UPDATE devices SET locale = 'de-AT' WHERE owner_id = $1 AND name = 'bens-phone'"
    await client.resources.database.fetch(set_locale, ben)
    await comment(client)
    await deliver(client.resources)
    assert {message["token"]: message["notification"]["body"] for message in fcm.messages} == {
        phone: notification_text("COMMENT", language, actor="Chi Nguyen")
        for phone, language in (("bens-phone", "de"), ("bens-tablet", "en"))
    }


@pytest.mark.usefixtures("ben")
async def test_a_group_that_grows_is_pushed_again_with_all_its_actors(client: Client, fcm: FakeFcm) -> None:
    post_id = await comment(client)
    assert await deliver(client.resources) == 1
    await App(client, "ana").comments(post_id)
    await drained(client.resources)
    assert await announce_growth(client.resources) == 1
    assert await deliver(after(client.resources, seconds=70)) == 1
    first, second = fcm.messages
    assert first["android"]["collapse_key"] == second["android"]["collapse_key"]
    name = (await client.data('{ user(handle: "ana") { name } }'))["user"]["name"]
    assert second["notification"]["body"] == notification_text("COMMENT", "en", actor=name, actor_count=2)


@pytest.mark.usefixtures("ben")
async def test_a_group_whose_latest_actor_has_left_is_pushed_with_another(client: Client, fcm: FakeFcm) -> None:
    post_id = await comment(client)
    await drained(client.resources)
    await App(client, "ana").comments(post_id)
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM users WHERE handle = 'ana'")
    assert await deliver(client.resources) == 1
    (message,) = fcm.messages
    assert message["notification"]["body"] == notification_text("COMMENT", "en", actor="Chi Nguyen", actor_count=2)


async def quiet_for(resources: Resources, owner_id: int, minutes: int) -> None:
    """Sets quiet hours that began an hour ago, in UTC."""
    now = resources.clock()
    minute = now.hour * 60 + now.minute
    await resources.database.fetch(
        "INSERT INTO quiet_hours VALUES ($1, $2, $3, 'UTC')",
        *(owner_id, (minute - 60) % 1440, (minute + minutes) % 1440),
    )


async def test_in_quiet_hours_a_push_waits_for_their_end(client: Client, ben: int, fcm: FakeFcm) -> None:
    resources = client.resources
    await quiet_for(resources, ben, 30)
    await comment(client)
    assert await deliver(resources) == 1
    (job,) = await jobs(resources)
    assert timedelta(minutes=29) < job["due_at"] - resources.clock() <= timedelta(minutes=30)
    assert job["due_at"].second == 0
    assert await deliver(after(resources, minutes=28)) == 0
    (notification,) = await rows_of(resources, ben)
    await grow(resources, ben, notification)
    assert await deliver(after(resources, minutes=31)) == 1
    assert len(fcm.messages) == 1
    assert await jobs(resources) == []


async def test_what_was_seen_in_quiet_hours_is_not_sent_at_their_end(client: Client, ben: int, fcm: FakeFcm) -> None:
    await quiet_for(client.resources, ben, 30)
    await comment(client)
    await deliver(client.resources)
    await client.resources.database.fetch("UPDATE notifications SET seen_at = created_at WHERE owner_id = $1", ben)
    assert await deliver(after(client.resources, minutes=31)) == 1
    assert fcm.messages == []
    assert await jobs(client.resources) == []


@pytest.mark.parametrize("kind", ["SECURITY", "PAYMENT_FAILED"])
async def test_security_and_failed_payments_always_go_through(
    client: Client, ben: int, fcm: FakeFcm, kind: str
) -> None:
    await quiet_for(client.resources, ben, 30)
    await prefer(client.resources, ben, kind, push=False, email=False)
    await add_notification(client.resources, ben, kind)
    await deliver(client.resources)
    assert len(fcm.messages) == 1


async def test_what_is_older_than_a_day_is_not_sent(client: Client, ben: int, fcm: FakeFcm) -> None:
    for hours in (23, 25):
        await add_notification(client.resources, ben, "FOLLOW", client.resources.clock() - timedelta(hours=hours))
    assert await deliver(client.resources) == 2
    assert len(fcm.messages) == 1


async def test_a_growing_notification_is_pushed_once_a_minute_and_three_times(
    client: Client, ben: int, fcm: FakeFcm
) -> None:
    resources, sent = client.resources, list[int]()
    notification = await add_notification(resources, ben, "FOLLOW")
    begun_at = resources.clock()
    for seconds in range(0, 600, 20):
        now = stopped(resources, begun_at + timedelta(seconds=seconds))
        await grow(now, ben, notification)
        await deliver(now)
        sent.append(len(fcm.messages))
    assert sent == [1, 1, 1, 2, 2, 2, *[3] * 24]
    assert len({message["android"]["collapse_key"] for message in fcm.messages}) == 1
    await deliver(after(resources, seconds=700))
    assert await jobs(resources) == []


async def test_a_phone_that_is_signed_out_gets_nothing(client: Client, ben: int, fcm: FakeFcm) -> None:
    await add_notification(client.resources, ben, "FOLLOW")
    fetch, expired = client.resources.database.fetch, client.resources.clock() - timedelta(seconds=2)
    await fetch("UPDATE refresh_families SET expires_at = $2 WHERE owner_id = $1", ben, expired)
    await deliver(client.resources)
    assert fcm.messages == []


async def test_delivery_to_two_phones_takes_ten_statements(
    client: Client, ben: int, fcm: FakeFcm, statements: list[str]
) -> None:
    await add_phone(client, "ben", "bens-tablet")
    await add_notification(client.resources, ben, "FOLLOW")
    statements.clear()
    await run_due(client.resources, HANDLERS)
    assert len(fcm.messages) == 2
    kinds = [statement.split()[0] for statement in statements if not statement.startswith(("BEGIN", "COMMIT"))]
    assert kinds == ["UPDATE", "UPDATE", "SELECT", "SELECT", "SELECT", "WITH", "UPDATE", "UPDATE", "SELECT", "DELETE"]


async def test_the_loops_of_a_worker_deliver_what_was_committed(client: Client, ben: int, fcm: FakeFcm) -> None:
    loops = [asyncio.create_task(run_relay(client.resources)), asyncio.create_task(run_jobs(client.resources))]
    try:
        for number in range(1, 4):
            await comment(client)
            async with no_hang():
                await until(lambda: len(fcm.messages) == number)  # noqa: B023 - it is awaited here
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.wait(loops)
    assert len(await rows_of(client.resources, ben)) == 3
