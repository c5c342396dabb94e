"""Collects notifications in digests, and sends these by a mail server of a test."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.settings import Settings
from services.resources import Resources
from tests.support.client import Client
from tests.support.deliveries import add_notification, deliver, stopped
from tests.support.jobs import run_due
from tests.support.mail_server import MailServer
from tests.support.relay import drained
from workers.handlers import HANDLERS

HANDLER = "send_digest"
PUBLIC_URL = "https://api.example"
LINK = "https://app.example/n/"


def with_mail(settings: Settings, server: MailServer) -> Settings:
    """Returns settings of a worker that sends mails by the server, with links for unsubscribing."""
    chosen = {"mail_url": server.url(), "mail_from": "Example <no-reply@mail.example>", "mail_deadline": 30.0}
    return replace(settings, **chosen, notification_link=LINK, public_url=PUBLIC_URL)


def at(text: str) -> datetime:
    """Returns an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def choose(resources: Resources, owner_id: int, frequency: str, time_zone: str | None = None) -> None:
    """Sets the frequency of mails, and quiet hours in a time zone."""
    fetch = resources.database.fetch
    await fetch("DELETE FROM email_preferences WHERE owner_id = $1", owner_id)
    await fetch("DELETE FROM quiet_hours WHERE owner_id = $1", owner_id)
    await fetch("INSERT INTO email_preferences VALUES ($1, $2)", owner_id, frequency)
    if time_zone is not None:
        await fetch("INSERT INTO quiet_hours VALUES ($1, 1320, 360, $2)", owner_id, time_zone)


async def digest_jobs(resources: Resources) -> list[datetime]:
    """Returns the times at which digests are due."""
    rows = await resources.database.fetch("SELECT due_at FROM jobs WHERE handler = $1 ORDER BY due_at", HANDLER)
    return [row["due_at"] for row in rows]


async def digests(resources: Resources) -> list[dict[str, Any]]:
    return await resources.database.fetch("SELECT * FROM notification_digests ORDER BY owner_id, period_id")


TUESDAY, DUE, WEDNESDAY, MONDAY = map(
    at, ("2026-12-01 10:00", "2026-12-02 08:00", "2026-12-02 10:00", "2026-12-07 08:00")
)
"""Notifications arrive on a Tuesday. The daily digest is due on Wednesday, the weekly one on Monday."""


async def ready_for_digests(client: Client, handle: str) -> int:
    """Gives a user daily digests, an empty inbox and no phone. Returns the id of the user."""
    await drained(client.resources)
    user_id = await client.user_id(handle)
    for table in ("jobs", "notifications", "push_tokens"):
        await client.resources.database.fetch(f"DELETE FROM {table}")
    await choose(client.resources, user_id, "DAILY")
    return user_id


async def told(resources: Resources, owner_id: int, now: datetime, kind: str = "REFUND") -> int:
    """Adds a notification, and does its job."""
    notification = await add_notification(stopped(resources, now), owner_id, kind)
    await deliver(stopped(resources, now))
    return notification


async def works(resources: Resources, now: datetime) -> None:
    """Does what is due, also what becomes due by that."""
    while await run_due(stopped(resources, now), HANDLERS):
        pass
