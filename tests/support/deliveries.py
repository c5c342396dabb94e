"""Delivers notifications to the phones and mailboxes of a test."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from core.ids import MAX_ID
from services.event_log.log import LogPosition
from services.jobs import JobKey, NewJob, enqueue, run_job
from services.jobs.table import offer_due
from services.relay.projections.growth import GROWTH_INTERVAL
from services.resources import Resources
from tests.support.account import act, sign_in
from tests.support.app import App
from tests.support.client import Client
from tests.support.jobs import run_due
from tests.support.relay import drained
from workers.handlers import HANDLERS

HANDLER = "deliver_notification"


def after(resources: Resources, **time: float) -> Resources:
    """Returns the resources of a worker whose clock shows a later time."""
    return replace(resources, clock=lambda: resources.clock() + timedelta(**time))


def stopped(resources: Resources, at: datetime) -> Resources:
    """Returns the resources of a worker whose clock stands still."""
    return replace(resources, clock=lambda: at)


async def add_phone(client: Client, handle: str, token: str, provider: str = "FCM") -> dict[str, Any]:
    """Signs in on another phone, registers its push token, and returns the session.

    The notification of the new device is deleted, so that it is not delivered.
    """
    session = await sign_in(client, handle, token)
    await drained(client.resources)
    fetch, told = client.resources.database.fetch, "SELECT id FROM notifications WHERE kind = 'SECURITY'"
    await fetch(f"DELETE FROM jobs WHERE handler = $1 AND event_id IN ({told})", HANDLER)
    await fetch("DELETE FROM notifications WHERE kind = 'SECURITY'")
    answer = await act(
        client, "RegisterPushToken", {"token": token, "provider": provider}, token=session["accessToken"]
    )
    assert answer["device"]["pushEnabled"]
    return session


async def deliver(resources: Resources) -> int:
    """Projects all events, and runs what is due. Returns the number of jobs that ran."""
    await drained(resources)
    return len(await run_due(resources, HANDLERS))


async def announce_growth(resources: Resources) -> int:
    """Announces the notifications that have grown, as workers do a second later. Returns their number."""
    later = after(resources, seconds=GROWTH_INTERVAL.total_seconds())
    offers = await offer_due(later, 100, ["announce_growth"])
    for offer in offers:
        await run_job(resources, HANDLERS, offer)
    await drained(resources)
    return len(offers)


async def add_notification(resources: Resources, owner_id: int, kind: str, created_at: datetime | None = None) -> int:
    """Writes a notification without an actor, with its job, as the relay does. Returns its id."""
    key, now = resources.ids.next(), resources.clock()
    await resources.database.fetch(
        "INSERT INTO notifications (owner_id, id, kind, actor_count, created_at) VALUES ($1, $2, $3, 1, $4)",
        *(owner_id, key, kind, created_at or now),
    )
    await add_job(resources, owner_id, key)
    return key


async def grow(resources: Resources, owner_id: int, notification_id: int) -> None:
    """Adds an actor to a notification, and its job, as the relay does."""
    await resources.database.fetch(
        "UPDATE notifications SET actor_count = actor_count + 1, created_at = $3 WHERE owner_id = $1 AND id = $2",
        *(owner_id, notification_id, resources.clock()),
    )
    await add_job(resources, owner_id, notification_id)


async def add_job(resources: Resources, owner_id: int, notification_id: int) -> None:
    job = NewJob(JobKey(owner_id, notification_id, HANDLER), LogPosition(1, MAX_ID), "{}")
    async with resources.database.transaction() as transaction:
        await enqueue(transaction, [job], resources.clock())


async def deliveries(resources: Resources) -> list[dict[str, Any]]:
    return await resources.database.fetch("SELECT * FROM notification_deliveries ORDER BY channel, device_id")


async def jobs(resources: Resources) -> list[dict[str, Any]]:
    return await resources.database.fetch("SELECT * FROM jobs WHERE handler = $1", HANDLER)


async def comment(client: Client, author: str = "ben", by: str = "chi") -> str:
    """Publishes a post, and comments on it. Returns the post."""
    post_id = await App(client, author).publishes()
    await App(client, by).comments(post_id)
    return post_id


async def prefer(resources: Resources, owner_id: int, kind: str, *, push: bool, email: bool) -> None:
    """Sets the channels of a kind."""
    values = f"VALUES ($1, $2, true, {'true' if push else 'false'}, {'true' if email else 'false'})"
    await resources.database.fetch(f"INSERT INTO channel_preferences {values}", owner_id, kind)
