"""The job that announces a notification that has grown."""

from events import NotificationGrew
from services.jobs.job import Job, Outcome
from services.resources import Resources
from services.unit_of_work import UnitOfWork


async def announce_growth(work: UnitOfWork, _resources: Resources, job: Job) -> Outcome:
    """Tells the relay to announce the notification. The event id of the job's key is the id of the notification."""
    work.emit(NotificationGrew(actor_id=job.key.owner_id, notification_id=job.key.event_id))
    return Outcome.DONE
