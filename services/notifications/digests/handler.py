"""The handler of the job that sends one digest."""

from core.ids import time_of
from core.viewer import SignedIn
from services.jobs.job import Job, Outcome, Postponed
from services.notifications.delivery.destinations import NO_DEVICE
from services.notifications.delivery.digest_periods import is_premature, plan_digest
from services.notifications.delivery.plan import MAX_AGE, DeliveryChannel, DeliveryState
from services.notifications.digests.contents import collected, find_digest_mailbox
from services.notifications.digests.mail import digest_message
from services.notifications.digests.records import again_at, begin_digest, record_digest
from services.notifications.preferences import notification_preferences
from services.notifications.unsubscribe_links import unsubscribe_url
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_ENDED = frozenset({DeliveryState.SENT, DeliveryState.REJECTED, DeliveryState.DEAD})


async def send_digest(work: UnitOfWork, resources: Resources, job: Job) -> Outcome | Postponed:
    """Sends a digest, unless there is nothing to tell. The event id of the job's key is the period.

    The preferences are those of now. No call is made within a transaction. A call whose worker died before it was
    recorded is made again, with the same Message-ID.
    """
    owner_id, period_id, _ = job.key
    due_at, now, database = time_of(period_id), resources.clock(), resources.database
    if resources.mail is None or now - due_at > MAX_AGE[DeliveryChannel.EMAIL]:
        return Outcome.DONE
    preferences = await notification_preferences(SignedIn(owner_id, NO_DEVICE), database)
    if is_premature(preferences, due_at):
        await plan_digest(await work.transaction(), owner_id, preferences, now)
        return Outcome.DONE
    mailbox = await find_digest_mailbox(database, resources.vault, owner_id, period_id)
    if mailbox is None or mailbox.state in _ENDED:
        return Outcome.DONE
    found = await collected(database, owner_id, preferences, due_at)
    if not found:
        return Outcome.DONE
    await begin_digest(database, owner_id, period_id, now)
    link, unsubscribe = resources.settings.notification_link, unsubscribe_url(resources, owner_id)
    mail_id = f"digest-{owner_id}-{period_id}"
    outcome = await resources.mail.send(digest_message(mail_id, mailbox, found, link, unsubscribe))
    await record_digest(database, owner_id, period_id, found, outcome, resources.clock())
    next_at = again_at(outcome, mailbox.attempts, resources.clock())
    return Outcome.DONE if next_at is None else Postponed(next_at)
