"""What has to be done because of an event, by somebody else and later."""

from collections.abc import Iterable, Mapping

from events import AccountDeleted, DataExportRequested, Event, PersonReturned, write_event
from services.jobs.job import JobKey
from services.jobs.table import NewJob
from services.relay.projections.recorded_event import RecordedEvent

JobHandlers = Mapping[type[Event], tuple[str, ...]]

JOB_HANDLERS: JobHandlers = {
    AccountDeleted: ("erase_account",),
    DataExportRequested: ("export_data",),
    PersonReturned: ("rebuild_feed",),
}
"""By type of event, the handlers that get a job each."""


def jobs_of(happened: Iterable[RecordedEvent[Event]], follows: JobHandlers) -> list[NewJob]:
    """One for each event and handler."""
    return [
        NewJob(JobKey(each.event.owner_id, each.position.id, handler), each.position, write_event(each.event).data)
        for each in happened
        for handler in follows.get(type(each.event), ())
    ]
