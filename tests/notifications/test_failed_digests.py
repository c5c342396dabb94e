"""Digests of workers that die, and of mail servers that fail."""

import asyncio
from datetime import timedelta

import pytest

from core.settings import Settings
from tests.support.client import Client
from tests.support.deliveries import deliveries, stopped
from tests.support.digests import (
    DUE,
    TUESDAY,
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
from tests.support.timing import until
from workers.handlers import HANDLERS

NO_MAILBOX, REJECTED = "550 5.1.1 no such mailbox", "552 too large"


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    return with_mail(settings, server)


@pytest.fixture
async def ben(client: Client) -> int:
    return await ready_for_digests(client, "ben")


async def test_a_digest_whose_worker_died_is_sent_again_with_the_same_id(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    server.hangs_after_data = True
    dying = asyncio.create_task(run_due(stopped(resources, DUE), HANDLERS))
    await until(lambda: server.mails)
    dying.cancel()
    await asyncio.wait([dying])
    assert [(row["state"], row["attempts"]) for row in await digests(resources)] == [("SENDING", 1)]
    assert await deliveries(resources) == []
    server.hangs_after_data = False
    await told(resources, ben, DUE)
    await works(resources, DUE + timedelta(seconds=3 * resources.settings.work_deadline + 1))
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert second["Subject"] == "You have 2 new notifications."
    assert [(row["state"], row["attempts"]) for row in await digests(resources)] == [("SENT", 2)]
    await works(resources, DUE + timedelta(days=1))
    assert (len(server.mails), await rows(resources, "jobs")) == (2, [])


async def test_ids_differ_by_user_and_period(client: Client, ben: int, server: MailServer) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    await choose(resources, ana, "DAILY")
    for user_id, day in ((ben, 0), (ana, 0), (ben, 1)):
        await told(resources, user_id, TUESDAY + timedelta(days=day))
        await works(resources, DUE + timedelta(days=day))
    assert len({mail["Message-ID"] for mail in server.mails}) == len(server.mails) == 3


async def test_a_server_that_rejects_for_the_moment_is_asked_again(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    server.recipient_answer = "450 4.2.1 greylisted"
    await works(resources, DUE)
    assert await digest_jobs(resources) == [DUE + timedelta(seconds=300)]
    assert [row["state"] for row in await digests(resources)] == ["LATER"]
    server.recipient_answer = "250 OK"
    await works(resources, DUE + timedelta(seconds=299))
    assert server.mails == []
    await works(resources, DUE + timedelta(seconds=300))
    assert [mail["Subject"] for mail in server.mails] == ["You have 1 new notification."]
    assert await digest_jobs(resources) == []


async def test_pauses_grow_to_ten_minutes_and_attempts_end_after_three_days(
    client: Client, ben: int, server: MailServer
) -> None:
    resources, pauses = client.resources, list[float]()
    await told(resources, ben, TUESDAY)
    server.recipient_answer = "450 4.2.1 greylisted"
    now = DUE
    for _ in range(12):
        await works(resources, now)
        (next_at,) = await digest_jobs(resources)
        pauses.append((next_at - now).total_seconds())
        now = next_at
    assert pauses == [300] * 9 + [512, 600, 600]
    server.recipient_answer = "250 OK"
    await works(resources, DUE + timedelta(days=3, seconds=1))
    assert (server.mails, await digest_jobs(resources)) == ([], [])


@pytest.mark.parametrize(("answer", "state"), [(NO_MAILBOX, "DEAD"), (REJECTED, "REJECTED")])
async def test_a_digest_that_is_rejected_is_recorded_and_not_sent_again(
    client: Client, ben: int, server: MailServer, answer: str, state: str
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    server.data_answer = answer
    await works(resources, DUE)
    assert [row["state"] for row in await digests(resources)] == [state]
    assert await rows(resources, "jobs") == []
    assert await deliveries(resources) == [], "the next digest tells it"
    server.data_answer = "250 OK"
    before = len(server.mails)
    await told(resources, ben, DUE)
    await works(resources, DUE + timedelta(days=1))
    assert [mail["Subject"] for mail in server.mails[before:]] == ["You have 2 new notifications."]


async def test_a_digest_that_was_sent_is_not_sent_again_by_another_job(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    await told(resources, ben, TUESDAY)
    await resources.database.fetch("CREATE TABLE kept_jobs AS SELECT * FROM jobs")
    await works(resources, DUE)
    await told(resources, ben, DUE - timedelta(seconds=1))
    await resources.database.fetch("DELETE FROM jobs")
    await resources.database.fetch("INSERT INTO jobs SELECT * FROM kept_jobs")
    await works(resources, DUE)
    assert (len(server.mails), await rows(resources, "jobs")) == (1, [])


async def test_a_user_with_two_thousand_notifications_gets_one_bounded_mail(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    fill = (
        "INSERT INTO notifications (owner_id, id, kind, actor_count, created_at) SELECT $1, {}, 'REFUND', 1, $2 FROM {}"
    )
    numbers = (
        fill.format("1000 + value", "json_each($3)")
        if resources.settings.database_url.startswith("sqlite")
        else fill.format("1000 + value::int", "json_array_elements_text($3::json) AS g (value)")
    )
    await told(resources, ben, TUESDAY)
    await resources.database.fetch(numbers, ben, TUESDAY, str([*range(2000)]))
    await works(resources, DUE)
    (mail,) = server.mails
    assert mail["Subject"] == "You have 1,000 new notifications."
    plain, _ = mail.iter_parts()
    assert plain.get_content().count("https://app.example/n/") == 20
    assert "and 980 more" in plain.get_content()
