"""Notifications reach the mailboxes of their recipients."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.settings import Settings
from services.notifications.texts import notification_text
from tests.support.client import Client
from tests.support.deliveries import (
    add_notification,
    add_phone,
    after,
    comment,
    deliver,
    deliveries,
    grow,
    jobs,
    prefer,
)
from tests.support.mail_server import MailServer
from tests.support.relay import drained


@pytest.fixture
def settings(settings: Settings, server: MailServer) -> Settings:
    chosen = {"mail_url": server.url(), "mail_from": "Example <no-reply@mail.example>", "mail_deadline": 30.0}
    return replace(settings, **chosen, notification_link="https://app.example/n/")


@pytest.fixture
async def ben(client: Client) -> int:
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM jobs")
    return await client.user_id("ben")


async def test_a_failed_payment_is_mailed_to_the_address_of_the_account_once(
    client: Client, ben: int, server: MailServer
) -> None:
    notification = await add_notification(client.resources, ben, "PAYMENT_FAILED")
    await deliver(client.resources)
    (mail,), (envelope,) = server.mails, server.envelopes
    assert envelope.rcpt_tos == ["ben@example.com"]
    assert mail["Subject"] == "Your payment did not go through."
    plain, rich = mail.iter_parts()
    assert plain.get_content().startswith("Your payment did not go through.\n\nhttps://app.example/n/")
    assert '<a href="https://app.example/n/' in rich.get_content()
    (row,) = await deliveries(client.resources)
    assert (row["channel"], row["device_id"], row["state"], row["sent"]) == ("EMAIL", 0, "SENT", 1)
    await grow(after(client.resources, minutes=5), ben, notification)
    await deliver(after(client.resources, minutes=6))
    assert len(server.mails) == 1, "a group that grows is not mailed again"


async def test_a_mail_is_in_the_language_of_the_newest_device(client: Client, ben: int, server: MailServer) -> None:
    await client.resources.database.fetch("UPDATE devices SET locale = 'de-AT' WHERE owner_id = $1", ben)
    await add_notification(client.resources, ben, "PAYMENT_FAILED")
    await deliver(client.resources)
    (mail,) = server.mails
    assert mail["Subject"] == notification_text("PAYMENT_FAILED", "de")
    _, rich = mail.iter_parts()
    assert '<html lang="de" dir="ltr">' in rich.get_content()


async def test_a_mail_about_security_is_in_the_language_of_the_oldest_device(
    client: Client, ben: int, server: MailServer
) -> None:
    await add_phone(client, "ben", "a-stranger")
    fetch = client.resources.database.fetch
    await fetch("UPDATE devices SET locale = 'de-AT' WHERE owner_id = $1", ben)
    await fetch("UPDATE devices SET locale = 'ja' WHERE owner_id = $1 AND name = 'a-stranger'", ben)
    await add_notification(client.resources, ben, "SECURITY")
    await deliver(client.resources)
    assert server.mails[-1]["Subject"] == notification_text("SECURITY", "de")


async def test_a_kind_is_mailed_if_its_recipient_wants_that(client: Client, ben: int, server: MailServer) -> None:
    await comment(client)
    await deliver(client.resources)
    assert server.mails == []
    await prefer(client.resources, ben, "COMMENT", push=False, email=True)
    await comment(client)
    await deliver(client.resources)
    assert len(server.mails) == 1


async def test_a_name_cannot_change_the_mail(client: Client, ben: int, server: MailServer) -> None:
    fetch, name = client.resources.database.fetch, '<b>Chi</b>\r\nBcc: eve@example.com "&'
    await fetch("UPDATE users SET name = $1 WHERE handle = 'chi'", name)
    await prefer(client.resources, ben, "COMMENT", push=False, email=True)
    await comment(client)
    await deliver(client.resources)
    (mail,), (envelope,) = server.mails, server.envelopes
    assert envelope.rcpt_tos == ["ben@example.com"]
    assert mail["Subject"] == '<b>Chi</b> Bcc: eve@example.com "& commented on your post.'
    assert mail["Bcc"] is None
    _, rich = mail.iter_parts()
    assert "<b>" not in rich.get_content()


async def test_mails_do_not_wait_for_the_end_of_quiet_hours(client: Client, ben: int, server: MailServer) -> None:
    await client.resources.database.fetch("INSERT INTO quiet_hours VALUES ($1, 0, 1439, 'UTC')", ben)
    await add_notification(client.resources, ben, "REFUND")
    await deliver(client.resources)
    assert len(server.mails) == 1


async def test_a_server_that_rejects_for_the_moment_is_asked_again(
    client: Client, ben: int, server: MailServer
) -> None:
    resources = client.resources
    server.recipient_answer = "450 4.2.1 greylisted"
    await add_notification(resources, ben, "REFUND")
    await deliver(resources)
    (job,) = await jobs(resources)
    assert timedelta(seconds=290) < job["due_at"] - resources.clock() <= timedelta(seconds=300)
    server.recipient_answer = "250 OK"
    await deliver(after(resources, seconds=301))
    assert (len(server.mails), await jobs(resources)) == (1, [])


async def test_a_deleted_account_gets_no_mail(client: Client, ben: int, server: MailServer) -> None:
    await add_notification(client.resources, ben, "REFUND")
    await client.resources.database.fetch("DELETE FROM credentials WHERE user_id = $1", ben)
    await deliver(client.resources)
    assert (server.mails, await jobs(client.resources)) == ([], [])
