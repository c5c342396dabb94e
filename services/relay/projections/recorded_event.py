"""An event with its circumstances."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from events import Event, read_event
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.event_log.log import LogEntry, LogPosition

EventT = TypeVar("EventT", bound=Event)


class RecordedEvent(NamedTuple, Generic[EventT]):
    """What happened, where the log says so, and when."""

    event: EventT
    position: LogPosition
    occurred_at: datetime

    def told(self, stream: RowKey, kind: StreamEventKind, subject: RowKey) -> StreamEvent:
        """The entry that this makes in a stream."""
        return StreamEvent(stream, kind, subject, self.position, self.occurred_at)


def read_recorded(entry: LogEntry) -> RecordedEvent[Event]:
    """`UnreadableEvent` when nobody can say what it was."""
    return RecordedEvent(read_event(entry.logged), entry.position, entry.occurred_at)


def of_type(happened: Iterable[RecordedEvent[Event]], wanted: type[EventT]) -> list[RecordedEvent[EventT]]:
    """Those of one type, in order."""
    return [
        RecordedEvent(event, position, occurred_at)
        for event, position, occurred_at in happened
        if isinstance(event, wanted)
    ]
