"""Creates the jobs that follow from events."""

from collections.abc import Iterable, Mapping

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
