"""Mails wait for a digest if their recipient prefers that."""

from datetime import timedelta

import pytest

from core.settings import Settings
from services.notifications.texts import notification_text
from tests.support.app import App
from tests.support.client import Client
from tests.support.deliveries import add_notification, add_phone, comment, deliver, deliveries, grow, prefer, stopped
from tests.support.digests import (
    DUE,
    LINK,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    at,
    choose,
    digest_jobs,
    digests,
    ready_for_digests,
    told,
    with_mail,
    works,
)
from tests.support.jobs import rows, run_due
from tests.support.mail_server import MailServer
from workers.handlers import HANDLERS


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    return with_mail(settings, server)


@pytest.fixture
async def ben(client: Client) -> int:
    """The id of a user who has daily digests, an empty inbox and no phone."""
    return await ready_for_digests(client, "ben")


async def test_a_notification_waits_for_the_next_digest(client: Client, ben: int, server: MailServer) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    await told(resources, ben, TUESDAY + timedelta(hours=3))
    assert (server.mails, await digest_jobs(resources)) == ([], [DUE])
    await works(resources, DUE - timedelta(seconds=1))
    assert server.mails == []
    await works(resources, DUE)
    (mail,), (envelope,) = server.mails, server.envelopes
    assert envelope.rcpt_tos == ["ben@example.com"]
    assert mail["Subject"] == "You have 2 new notifications."
    plain, rich = mail.iter_parts()
    assert plain.get_content().count(notification_text("REFUND", "en")) == 2
    assert plain.get_content().count(LINK) == 2
    assert rich.get_content().count(f'<a href="{LINK}') == 2
    assert [(row["state"], row["attempts"]) for row in await digests(resources)] == [("SENT", 1)]
    assert [(row["channel"], row["state"], row["sent"]) for row in await deliveries(resources)] == [
        ("EMAIL", "SENT", 1)
    ] * 2
    assert await rows(resources, "jobs") == []


async def test_a_weekly_digest_waits_for_monday(client: Client, ben: int, server: MailServer) -> None:
    await choose(client.resources, ben, "WEEKLY")
    for day in range(5):
        await told(client.resources, ben, TUESDAY + timedelta(days=day))
    assert await digest_jobs(client.resources) == [MONDAY]
    await works(client.resources, MONDAY)
    assert [mail["Subject"] for mail in server.mails] == ["You have 5 new notifications."]


async def test_a_digest_comes_at_eight_in_the_time_zone_of_the_quiet_hours(client: Client, ben: int) -> None:
    await choose(client.resources, ben, "DAILY", "Asia/Tokyo")
    await told(client.resources, ben, TUESDAY)
    assert await digest_jobs(client.resources) == [at("2026-12-01 23:00")]


@pytest.mark.parametrize("kind", ["SECURITY", "PAYMENT_FAILED"])
async def test_security_and_failed_payments_do_not_wait(
    client: Client, ben: int, server: MailServer, kind: str
) -> None:
    await told(client.resources, ben, TUESDAY, kind)
    assert len(server.mails) == 1
    assert await digest_jobs(client.resources) == []


async def test_mails_of_security_and_failed_payments_that_are_late_are_in_no_digest(
    client: Client, ben: int, server: MailServer
) -> None:
    for kind in ("SECURITY", "PAYMENT_FAILED"):
        await add_notification(stopped(client.resources, TUESDAY), ben, kind)
    await client.resources.database.fetch("DELETE FROM jobs")
    await told(client.resources, ben, TUESDAY)
    await works(client.resources, DUE)
    assert [mail["Subject"] for mail in server.mails] == ["You have 1 new notification."]


async def test_a_kind_without_mails_is_in_no_digest(client: Client, ben: int, server: MailServer) -> None:
    await told(client.resources, ben, TUESDAY, "LIKE")
    assert await digest_jobs(client.resources) == []
    await told(client.resources, ben, TUESDAY)
    await works(client.resources, DUE)
    assert [mail["Subject"] for mail in server.mails] == ["You have 1 new notification."]


async def test_what_was_told_is_not_told_again_and_new_notifications_are(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    await works(resources, DUE)
    await told(resources, ben, WEDNESDAY, "REFUND")
    await works(resources, DUE + timedelta(days=1))
    await works(resources, DUE + timedelta(days=2))
    assert [mail["Subject"] for mail in server.mails] == ["You have 1 new notification."] * 2
    assert len({mail["Message-ID"] for mail in server.mails}) == 2


async def test_a_notification_that_grows_after_a_digest_is_in_the_next_one(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await prefer(resources, ben, "FOLLOW", push=False, email=True)
    notification = await told(resources, ben, TUESDAY, "FOLLOW")
    await works(resources, DUE)
    await grow(stopped(resources, WEDNESDAY), ben, notification)
    await works(resources, WEDNESDAY)
    await works(resources, DUE + timedelta(days=1))
    assert len(server.mails) == 2
    assert [row["sent"] for row in await deliveries(resources)] == [2]


async def test_a_notification_that_the_relay_adds_late_is_in_the_next_digest(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    await works(resources, DUE)
    await add_notification(stopped(resources, DUE - timedelta(seconds=1)), ben, "REFUND")
    await works(resources, DUE + timedelta(minutes=1))
    await works(resources, DUE + timedelta(days=1))
    assert len(server.mails) == 2


@pytest.mark.parametrize("column", ["seen_at", "read_at", "archived_at"])
async def test_a_digest_without_news_is_not_sent(client: Client, ben: int, server: MailServer, column: str) -> None:
    await told(client.resources, ben, TUESDAY)
    await client.resources.database.fetch(f"UPDATE notifications SET {column} = created_at WHERE owner_id = $1", ben)
    await works(client.resources, DUE)
    assert (server.mails, await digests(client.resources), await rows(client.resources, "jobs")) == ([], [], [])


async def test_a_digest_has_nothing_of_before_a_mark(client: Client, ben: int, server: MailServer) -> None:
    last = [await told(client.resources, ben, TUESDAY) for _ in range(3)][1]
    counts = (
        "INSERT INTO notification_counts (owner_id, unseen, unread, seen_up_to, read_up_to) VALUES ($1, 1, 1, $2, 0)"
    )
    await client.resources.database.fetch("DELETE FROM notification_counts WHERE owner_id = $1", ben)
    await client.resources.database.fetch(counts, ben, last)
    await works(client.resources, DUE)
    assert [mail["Subject"] for mail in server.mails] == ["You have 1 new notification."]


async def test_a_digest_has_nothing_that_a_block_hides(client: Client, ben: int, server: MailServer) -> None:
    resources = client.resources
    await prefer(resources, ben, "COMMENT", push=False, email=True)
    await comment(client, by="chi")
    await comment(client, by="ana")
    await deliver(resources)
    (due,) = await digest_jobs(resources)
    await App(client, "ben").does("BlockUser", userId=await App(client, "chi").global_id())
    await works(resources, due)
    (mail,) = server.mails
    assert mail["Subject"] == "You have 1 new notification."
    plain, _ = mail.iter_parts()
    name = (await client.data('{ user(handle: "ana") { name } }'))["user"]["name"]
    assert notification_text("COMMENT", "en", actor=name) in plain.get_content()


async def test_phones_get_what_waits_for_a_digest_at_once(client: Client, ben: int, server: MailServer) -> None:
    resources = client.resources
    await add_phone(client, "ben", "bens-phone")
    await deliver(resources)
    before = len(server.mails)
    await told(resources, ben, TUESDAY)
    assert len(server.mails) == before
    states = [(row["channel"], row["state"]) for row in await deliveries(resources)]
    assert ("PUSH", "SENT") in states
    assert await digest_jobs(resources) == [DUE]


async def test_what_is_older_than_a_week_is_in_no_digest(client: Client, ben: int, server: MailServer) -> None:
    resources = client.resources
    for days in (6.9, 7.1):
        await add_notification(resources, ben, "REFUND", DUE - timedelta(days=days))
    await resources.database.fetch("DELETE FROM jobs")
    await told(resources, ben, TUESDAY)
    await works(resources, DUE)
    assert [mail["Subject"] for mail in server.mails] == ["You have 2 new notifications."]


async def test_a_digest_is_not_sent_to_a_deleted_account(client: Client, ben: int, server: MailServer) -> None:
    await told(client.resources, ben, TUESDAY)
    await client.resources.database.fetch("DELETE FROM credentials WHERE user_id = $1", ben)
    await works(client.resources, DUE)
    assert (server.mails, await rows(client.resources, "jobs")) == ([], [])


async def test_a_digest_of_any_length_takes_nine_statements(
    client: Client, ben: int, server: MailServer, statements: list[str]
) -> None:
    for _ in range(30):
        await add_notification(stopped(client.resources, TUESDAY), ben, "REFUND")
    await works(client.resources, TUESDAY)
    statements.clear()
    await run_due(stopped(client.resources, DUE), HANDLERS)
    assert len(server.mails) == 1
    assert len([each for each in statements if not each.startswith(("BEGIN", "COMMIT"))]) == 9, statements
