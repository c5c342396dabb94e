"""Events of newer releases: partitions that a relay leaves to others, and events that an operator gives up.

While two releases run, an older relay finds events that it cannot read. It projects what precedes such an event and
leaves the partition alone until a newer relay, or an operator, has moved the position past it. So the order of the
partition is kept, and nothing is written about it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries
from core.work_statistics import WorkStatistics
from events import Event, UnknownEvent, UnreadableEvent, read_event
from services.event_log.log import PARTITIONS, LogEntry, LogPosition, read_log
from services.relay import leases
from services.relay.leases import Lease
from services.relay.projections import RecordedEvent, read_recorded
from services.resources import Resources

logger = logging.getLogger(__name__)

GIVEN_UP = "an operator gave up the event, because no running release knows it"


def read_known(entries: Sequence[LogEntry]) -> list[RecordedEvent[Event]]:
    """Decodes entries up to the first one of a newer release. Raises `UnreadableEvent` if no release can read one."""
    known: list[RecordedEvent[Event]] = []
    for entry in entries:
        try:
            known.append(read_recorded(entry))
        except UnknownEvent:
            break
    return known


class LeftPartitions:
    """The partitions whose next event is of a newer release, as far as a relay has found them."""

    def __init__(self, work: WorkStatistics) -> None:
        self._work = work
        self._positions = dict[int, LogPosition]()
        self._logged = set[tuple[str, int]]()

    @property
    def partitions(self) -> list[int]:
        return list(self._positions)

    def add(self, lease: Lease, entry: LogEntry) -> None:
        """Notes that the next event of a locked partition is unknown. Each kind of event is logged once."""
        logged = entry.logged
        self._positions[lease.partition] = lease.position
        self._work.unknown_events[lease.partition] = entry.occurred_at
        if (logged.type, logged.version) in self._logged:
            return
        self._logged.add((logged.type, logged.version))
        facts = {"type": logged.type, "version": logged.version, "event_id": entry.position.id}
        logger.warning("an event of a newer release is left to its workers", extra=facts)

    async def refresh(self, queries: Queries) -> list[int]:
        """Takes back partitions whose position has moved, and returns the others. Without any it reads nothing."""
        if self._positions:
            positions = await leases.positions_of(queries, self.partitions)
            for partition, position in list(self._positions.items()):
                if positions[partition] != position:
                    del self._positions[partition]
                    self._work.unknown_events.pop(partition, None)
        return self.partitions


class UnknownNext(NamedTuple):
    """The next event of a partition, which this release does not know."""

    partition: int
    id: int
    type: str
    version: int
    occurred_at: datetime


async def unknown_next_events(queries: Queries) -> list[UnknownNext]:
    """Returns the next events of partitions that this release does not know."""
    positions = await leases.positions_of(queries, range(PARTITIONS))
    found: list[UnknownNext] = []
    for partition, position in sorted(positions.items()):
        for entry in await read_log(queries, partition, position, 1):
            if _is_unknown(entry):
                logged = entry.logged
                found.append(UnknownNext(partition, entry.position.id, logged.type, logged.version, entry.occurred_at))
    return found


async def give_up_event(resources: Resources, unknown: UnknownNext) -> bool:
    """Makes an event a dead letter, so that its partition goes on. False if it is not the next one any more."""
    async with resources.database.transaction() as transaction:
        state = await leases.lock_partition(transaction, unknown.partition)
        entries = await read_log(transaction, unknown.partition, state.position, 1)
        if not entries or entries[0].position.id != unknown.id:
            return False
        await leases.dead_letter(transaction, unknown.partition, entries[0], GIVEN_UP, resources.clock())
    logger.error("an event of a newer release was given up", extra={"type": unknown.type, "event_id": unknown.id})
    return True


def _is_unknown(entry: LogEntry) -> bool:
    try:
        read_event(entry.logged)
    except UnreadableEvent as error:
        return isinstance(error, UnknownEvent)
    return False
