"""Creates the jobs that follow from events."""

from collections.abc import Iterable, Mapping

from core.tracing import with_cause
from events import AccountDeleted, DataExportRequested, Event, PaymentMethodRemoved, PersonReturned, write_event
from services.jobs.job import JobKey
from services.jobs.table import NewJob
from services.relay.projections.recorded_event import RecordedEvent

JobHandlers = Mapping[type[Event], tuple[str, ...]]

JOB_HANDLERS: JobHandlers = {
    AccountDeleted: ("erase_account",),
    DataExportRequested: ("export_data",),
    PaymentMethodRemoved: ("detach_card",),
    PersonReturned: ("rebuild_feed",),
}
"""The handlers that get a job, by type of event."""


def jobs_of(events: Iterable[RecordedEvent[Event]], handlers: JobHandlers) -> list[NewJob]:
    """Returns one job for each event and handler."""
    return [
        NewJob(
            JobKey(recorded.event.owner_id, recorded.position.id, handler),
            recorded.position,
            write_event(recorded.event).data,
        )
        for recorded in events
        for handler in handlers.get(type(recorded.event), ())
    ]


def with_causes(jobs: list[NewJob], events: Iterable[RecordedEvent[Event]]) -> list[NewJob]:
    """Returns the jobs with the spans of the requests that emitted their events, as far as those were traced."""
    causes = {recorded.position: recorded.cause for recorded in events if recorded.cause is not None}
    if not causes:
        return jobs
    return [job._replace(data=with_cause(job.data, causes.get(job.position))) for job in jobs]
