"""A digest follows the preferences at the time at which it is sent."""

from datetime import timedelta

import pytest

from core.settings import Settings
from tests.support.client import Client
from tests.support.deliveries import add_notification, deliver, prefer, stopped
from tests.support.digests import (
    DUE,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    choose,
    digest_jobs,
    ready_for_digests,
    told,
    with_mail,
    works,
)
from tests.support.jobs import rows
from tests.support.mail_server import MailServer

ONE, TWO = "You have 1 new notification.", "You have 2 new notifications."
REFUNDED = "Your payment was refunded."


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    return with_mail(settings, server)


@pytest.fixture
async def ben(client: Client) -> int:
    return await ready_for_digests(client, "ben")


def subjects(server: MailServer) -> list[str]:
    return [str(mail["Subject"]) for mail in server.mails]


async def test_what_was_collected_is_sent_once_after_a_change_to_immediate(
    client: Client, ben: int, server: MailServer
) -> None:
    await told(client.resources, ben, TUESDAY)
    await choose(client.resources, ben, "IMMEDIATE")
    await told(client.resources, ben, TUESDAY + timedelta(hours=1))
    assert subjects(server) == [REFUNDED]
    await works(client.resources, DUE)
    assert subjects(server) == [REFUNDED, ONE], "the digest has only what was not mailed"
    await works(client.resources, MONDAY)
    assert len(server.mails) == 2


async def test_a_job_that_comes_back_after_a_digest_sends_no_mail(client: Client, ben: int, server: MailServer) -> None:
    resources = client.resources
    notification = await told(resources, ben, TUESDAY)
    await works(resources, DUE)
    await choose(resources, ben, "IMMEDIATE")
    await add_notification(stopped(resources, WEDNESDAY), ben, "REFUND")
    await resources.database.fetch("UPDATE jobs SET event_id = $1", notification)
    await deliver(stopped(resources, WEDNESDAY))
    assert subjects(server) == [ONE]


async def test_a_daily_digest_becomes_a_weekly_one(client: Client, ben: int, server: MailServer) -> None:
    await told(client.resources, ben, TUESDAY)
    await choose(client.resources, ben, "WEEKLY")
    await told(client.resources, ben, TUESDAY)
    assert await digest_jobs(client.resources) == [DUE, MONDAY]
    await works(client.resources, DUE)
    assert (subjects(server), await digest_jobs(client.resources)) == ([], [MONDAY])
    await works(client.resources, MONDAY)
    assert subjects(server) == [TWO]


async def test_a_weekly_digest_becomes_a_daily_one(client: Client, ben: int, server: MailServer) -> None:
    await choose(client.resources, ben, "WEEKLY")
    await told(client.resources, ben, TUESDAY)
    await choose(client.resources, ben, "DAILY")
    await told(client.resources, ben, TUESDAY)
    await works(client.resources, DUE)
    assert subjects(server) == [TWO]
    await works(client.resources, MONDAY)
    assert len(server.mails) == 1


async def test_a_digest_is_not_sent_if_mails_are_off_by_then(client: Client, ben: int, server: MailServer) -> None:
    await told(client.resources, ben, TUESDAY)
    await prefer(client.resources, ben, "REFUND", push=True, email=False)
    await works(client.resources, DUE)
    assert (subjects(server), await rows(client.resources, "jobs")) == ([], [])


async def test_a_change_before_the_job_of_a_notification_counts(client: Client, ben: int, server: MailServer) -> None:
    await choose(client.resources, ben, "IMMEDIATE")
    await add_notification(stopped(client.resources, TUESDAY), ben, "REFUND")
    await choose(client.resources, ben, "DAILY")
    await deliver(stopped(client.resources, TUESDAY))
    assert (subjects(server), await digest_jobs(client.resources)) == ([], [DUE])


async def test_another_time_zone_counts_for_the_next_digest(client: Client, ben: int, server: MailServer) -> None:
    await told(client.resources, ben, TUESDAY)
    await choose(client.resources, ben, "DAILY", "America/Los_Angeles")
    await told(client.resources, ben, TUESDAY)
    assert await digest_jobs(client.resources) == [TUESDAY + timedelta(hours=6), DUE]
    await works(client.resources, DUE)
    assert subjects(server) == [TWO], "nothing is left for the other job"
