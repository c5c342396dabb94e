"""Finds the sessions that began with a sign-up, of which no user has to be told."""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.database import Queries
from events import Event, SessionBegan
from services.event_log.log import partition_of
from services.relay.projections.new_notifications import FactKey, NewNotification
from services.relay.projections.recorded_event import RecordedEvent


class Fact(NamedTuple):
    """A notification that may be written, and its event."""

    new: NewNotification
    recorded: RecordedEvent[Event]


Facts = Mapping[FactKey, Fact]

_SESSION = {"partition": "bigint", "tx": "bigint", "id": "bigint", "actor_id": "bigint"}
_FIRST = (
    "SELECT g.id FROM input_rows g JOIN event_log e ON e.partition = g.partition AND e.tx = g.tx "
    "AND e.actor_id = g.actor_id AND e.type = 'PersonJoined'"
)
"""A sign-up writes the account and its first session in one transaction."""


async def without_first_sessions(transaction: Queries, facts: Facts) -> Facts:
    """Returns facts without the sessions that began with a sign-up. Without sessions no statement runs."""
    sessions = [
        (partition_of(key.owner_id), *recorded.position, key.owner_id)
        for key, (_, recorded) in facts.items()
        if isinstance(recorded.event, SessionBegan)
    ]
    first = {row["id"] for row in await transaction.fetch_with_rows(_FIRST, _SESSION, sessions)}
    return {key: fact for key, fact in facts.items() if fact.recorded.position.id not in first} if first else facts
