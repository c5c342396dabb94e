"""An event with its circumstances."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from events import Event, read_event
from services.event_log.event_streams import Key, Kind, Told
from services.event_log.log import Entry, Position

EventT = TypeVar("EventT", bound=Event)


class Happened(NamedTuple, Generic[EventT]):
    """What happened, where the log says so, and when."""

    event: EventT
    position: Position
    occurred_at: datetime

    def told(self, stream: Key, kind: Kind, subject: Key) -> Told:
        """The entry that this makes in a stream."""
        return Told(stream, kind, subject, self.position, self.occurred_at)


def as_happened(entry: Entry) -> Happened[Event]:
    """`UnreadableEvent` when nobody can say what it was."""
    return Happened(read_event(entry.logged), entry.position, entry.occurred_at)


def of_type(happened: Iterable[Happened[Event]], wanted: type[EventT]) -> list[Happened[EventT]]:
    """Those of one type, in order."""
    return [
        Happened(event, position, occurred_at) for event, position, occurred_at in happened if isinstance(event, wanted)
    ]
