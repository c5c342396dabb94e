"""How an event is written in the log, and read again by whatever version of us comes later."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from events import feed, users
from events.base import Event

Fields = dict[str, int]
Upgrades = Mapping[tuple[str, int], Callable[[Fields], Fields]]

EVENTS: Mapping[str, type[Event]] = {made.__name__: made for made in (*feed.EVENTS, *users.EVENTS)}
"""Every type of event by the name it has in the log."""

UPGRADES: Upgrades = {}
"""By type and version: from the fields of that version to those of the next."""


class LoggedEvent(NamedTuple):
    """An event's columns. `data` is JSON of all fields but the actor."""

    type: str
    version: int
    actor_id: int
    data: str


class UnreadableEvent(Exception):
    """A row of the log that this version of us cannot read."""


def write_event(event: Event) -> LoggedEvent:
    fields: Fields = msgspec.to_builtins(event)
    actor_id = fields.pop("actor_id")
    return LoggedEvent(type(event).__name__, event.version, actor_id, msgspec.json.encode(fields).decode())


def read_event(logged: LoggedEvent, upgrades: Upgrades = UPGRADES) -> Event:
    """The event as the newest version of its type. `UnreadableEvent` says why it cannot be read."""
    made = EVENTS.get(logged.type)
    if made is None:
        raise UnreadableEvent(f"there is no event '{logged.type}'")
    if logged.version > made.version:
        raise UnreadableEvent(f"{logged.type}: version {logged.version} is newer than {made.version}, which is known")
    try:
        fields = msgspec.json.decode(logged.data, type=Fields)
        for version in range(logged.version, made.version):
            fields = upgrades[logged.type, version](fields)
        return msgspec.convert({**fields, "actor_id": logged.actor_id}, made)
    except (msgspec.MsgspecError, LookupError) as error:
        raise UnreadableEvent(f"{logged.type} of version {logged.version}: {error}") from error
