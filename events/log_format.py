"""The format of events in the log, which later versions of the product can read."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from core.tracing import SpanContext, take_cause
from events import feed, notifications, payments, users
from events.base import Event

Fields = dict[str, int]
Upgrades = Mapping[tuple[str, int], Callable[[Fields], Fields]]

EVENTS: Mapping[str, type[Event]] = {
    event_type.__name__: event_type
    for event_type in (*feed.EVENTS, *notifications.EVENTS, *payments.EVENTS, *users.EVENTS)
}
"""All event classes by their name in the log."""

UPGRADES: Upgrades = {}
"""Functions by type and version, which convert the fields of that version to those of the next."""


class LoggedEvent(NamedTuple):
    """The columns of an event in the log. `data` is JSON with all fields except the actor."""

    type: str
    version: int
    actor_id: int
    data: str


class UnreadableEvent(Exception):
    """Raised for a row of the log that this version of the product cannot read."""


class UnknownEvent(UnreadableEvent):
    """Raised for a row that a newer release has written: its type, its version or a field is not known here."""


def write_event(event: Event) -> LoggedEvent:
    fields: Fields = msgspec.to_builtins(event)
    actor_id = fields.pop("actor_id")
    return LoggedEvent(type(event).__name__, event.version, actor_id, msgspec.json.encode(fields).decode())


def read_event(logged: LoggedEvent, upgrades: Upgrades = UPGRADES) -> Event:
    """Returns the event, upgraded to the current version of its type. Raises `UnreadableEvent`.

    Raises `UnknownEvent`, which is a kind of it, if a newer release can read the event.
    """
    event_type = EVENTS.get(logged.type)
    if event_type is None:
        raise UnknownEvent(f"unknown event type '{logged.type}'")
    if logged.version > event_type.version:
        raise UnknownEvent(
            f"{logged.type}: version {logged.version} is newer than the known version {event_type.version}"
        )
    try:
        fields = msgspec.json.decode(logged.data, type=Fields)
        take_cause(fields)
        for version in range(logged.version, event_type.version):
            fields = upgrades[logged.type, version](fields)
        if more := sorted(fields.keys() - set(event_type.__struct_fields__)):
            raise UnknownEvent(f"{logged.type} of version {logged.version}: unknown field `{more[0]}`")
        return msgspec.convert({**fields, "actor_id": logged.actor_id}, event_type)
    except (msgspec.MsgspecError, LookupError) as error:
        raise UnreadableEvent(f"{logged.type} of version {logged.version}: {error}") from error


def cause_of(logged: LoggedEvent) -> SpanContext | None:
    """Returns the span of the request that emitted an event, if that was traced. The event is readable."""
    return take_cause(msgspec.json.decode(logged.data, type=Fields)) if "cause_span" in logged.data else None
