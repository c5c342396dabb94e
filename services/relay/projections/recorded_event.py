"""An event with its position and time, as projections receive it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from core.tracing import SpanContext
from events import Event, cause_of, read_event
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.event_log.log import LogEntry, LogPosition

EventT = TypeVar("EventT", bound=Event)


class RecordedEvent(NamedTuple, Generic[EventT]):
    """An event of the log, with its position and time. `cause` is the span of its request, if that was traced."""

    event: EventT
    position: LogPosition
    occurred_at: datetime
    cause: SpanContext | None = None

    def stream_event(self, stream: RowKey, kind: StreamEventKind, subject: RowKey) -> StreamEvent:
        """Returns the event of a stream that follows from this one."""
        return StreamEvent(stream, kind, subject, self.position, self.occurred_at)


def read_recorded(entry: LogEntry) -> RecordedEvent[Event]:
    """Decodes an entry of the log. Raises `UnreadableEvent` if its type or data is unknown."""
    return RecordedEvent(read_event(entry.logged), entry.position, entry.occurred_at, cause_of(entry.logged))


def of_type(events: Iterable[RecordedEvent[Event]], event_type: type[EventT]) -> list[RecordedEvent[EventT]]:
    """Returns the events of one type, in order."""
    return [
        RecordedEvent(event, position, occurred_at, cause)
        for event, position, occurred_at, cause in events
        if isinstance(event, event_type)
    ]
