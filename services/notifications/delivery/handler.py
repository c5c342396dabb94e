"""The handler of the job that delivers one notification."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.outcomes import Dead, Outcome
from core.viewer import SignedIn
from models import cache_tags
from models.notifications import ALWAYS_SENT, NotificationPreferencesRow, NotificationRow
from services.jobs.job import Job, Postponed
from services.jobs.job import Outcome as JobOutcome
from services.notifications.delivery.destinations import (
    NO_DEVICE,
    Destination,
    FoundNotification,
    find_mailbox,
    find_notification,
    find_phones,
)
from services.notifications.delivery.digest_periods import is_collected, plan_digest
from services.notifications.delivery.messages import mail_message, push_message
from services.notifications.delivery.plan import (
    GROWTH_PAUSE,
    NOW,
    DeliveryChannel,
    channels_of,
    due_at,
    is_sendable,
)
from services.notifications.delivery.quiet_hours import quiet_until
from services.notifications.delivery.records import begin, delete_tokens, record
from services.notifications.preferences import notification_preferences
from services.notifications.unsubscribe_links import unsubscribe_url
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_LOCK = "SELECT created_at FROM notifications WHERE owner_id = $1 AND id = $2 FOR UPDATE"


class _Plan(NamedTuple):
    """The phones and mailboxes to which a notification is sent now, the times at which others are due, and dead tokens.

    `dead` has the indexes of the tokens. `digest` are the preferences of a recipient who gets it by mail in a digest,
    else None.
    """

    now: Sequence[Destination]
    later: Sequence[datetime]
    dead: Sequence[str]
    digest: NotificationPreferencesRow | None


async def deliver_notification(work: UnitOfWork, resources: Resources, job: Job) -> JobOutcome | Postponed:
    """Sends a notification to the phones and the mailbox of its recipient, unless they have seen it.

    The event id of the job's key is the id of the notification. No call is made within a transaction. A call whose
    worker died before it was recorded is made again.
    """
    owner_id, notification_id, _ = job.key
    found = await find_notification(resources.database, owner_id, notification_id)
    if found is None or not is_sendable(found.notification, found.archived_at):
        return JobOutcome.DONE
    plan = await _plan(resources, found)
    await begin(resources.database, found.notification, plan.now, resources.clock())
    results = await asyncio.gather(
        *(_deliver(resources, found, destination) for destination in plan.now), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    sent = [result for result in results if not isinstance(result, BaseException)]
    found_dead = [destination.push_index for destination, result in zip(plan.now, sent, strict=True) if result.is_dead]
    times = [*plan.later, *(result.again_at for result in sent if result.again_at)]
    if plan.digest is not None:
        await plan_digest(await work.transaction(), owner_id, plan.digest, resources.clock())
    return await _finish(work, found.notification, [*plan.dead, *found_dead], times, resources.clock())


async def _plan(resources: Resources, found: FoundNotification) -> _Plan:
    notification, now = found.notification, resources.clock()
    rows = await notification_preferences(SignedIn(notification["owner_id"], NO_DEVICE), resources.database)
    preferences = {row["kind"]: row for row in rows["channels"]}
    channels = channels_of(notification["kind"], preferences)
    digest: NotificationPreferencesRow | None = None
    if DeliveryChannel.EMAIL in channels and is_collected(notification["kind"], rows):
        channels.remove(DeliveryChannel.EMAIL)
        digest = rows if resources.mail is not None else None
    quiet = None if notification["kind"] in ALWAYS_SENT else quiet_until(rows["quiet_hours"], now)
    at_once, later, dead = list[Destination](), list[datetime](), list[str]()
    for destination in await _destinations(resources, notification, channels):
        due = due_at(destination.channel, destination.delivery, notification, now)
        if due is not None and destination.channel is DeliveryChannel.PUSH and quiet:
            due = max(quiet, due)
        if due is NOW:
            at_once.append(destination)
        elif due is not None:
            later.append(due)
        if destination.is_dead:
            dead.append(destination.push_index)
    return _Plan(at_once, later, dead, digest)


async def _destinations(
    resources: Resources, notification: NotificationRow, channels: set[DeliveryChannel]
) -> list[Destination]:
    database, vault, providers = resources.database, resources.vault, resources.push.providers
    destinations = list[Destination]()
    if DeliveryChannel.PUSH in channels and providers:
        destinations += await find_phones(database, vault, notification, providers)
    if DeliveryChannel.EMAIL in channels and resources.mail is not None:
        destinations += await find_mailbox(database, vault, notification)
    return destinations


class _Result(NamedTuple):
    """The result of a call: whether the address is dead, and the time of the next attempt."""

    is_dead: bool
    again_at: datetime | None


async def _deliver(resources: Resources, found: FoundNotification, destination: Destination) -> _Result:
    """Makes a call, and records its outcome at once."""
    outcome = await _send(resources, found, destination)
    again_at = await record(resources.database, found.notification, destination, outcome, resources.clock())
    return _Result(isinstance(outcome, Dead) and destination.channel is DeliveryChannel.PUSH, again_at)


async def _send(resources: Resources, found: FoundNotification, destination: Destination) -> Outcome:
    link = resources.settings.notification_link
    if destination.channel is DeliveryChannel.PUSH or resources.mail is None:
        return await resources.push.send(push_message(found, destination, link))
    unsubscribe = unsubscribe_url(resources, found.notification["owner_id"], found.notification["kind"])
    return await resources.mail.send(mail_message(found, destination, link, unsubscribe))


async def _finish(
    work: UnitOfWork, notification: NotificationRow, dead: Sequence[str], times: Sequence[datetime], now: datetime
) -> JobOutcome | Postponed:
    """Deletes dead tokens and returns the outcome of the job.

    A relay that adds to the notification locks it, and creates no second job. So the job runs again, after a pause, if
    it has changed.
    """
    transaction = await work.transaction()
    if dead:
        work.changes(cache_tags.viewer(notification["owner_id"]))
        await delete_tokens(transaction, notification["owner_id"], dead)
    if times:
        return Postponed(min(times))
    rows = await transaction.fetch(_LOCK, notification["owner_id"], notification["id"])
    is_changed = bool(rows) and rows[0]["created_at"] > notification["created_at"]
    return Postponed(now + GROWTH_PAUSE) if is_changed else JobOutcome.DONE
