"""Discards dead letters: an event is then never projected, and a job is never done."""

from datetime import datetime
from typing import Any, NamedTuple

from adapters.database import Queries
from core.viewer import Anonymous
from events import LoggedEvent, UnreadableEvent, read_event
from models.audit import DISCARDED
from services.audit.seals import AuditEvent
from services.event_log.log import partition_of
from services.relay.leases import lock_partition
from services.relay.projections import AUDIT_KINDS, JOB_HANDLERS, append_to_chains
from services.resources import Resources

_EVENT = "SELECT id, type, version, actor_id, data, occurred_at FROM dead_events WHERE id = $1"
_JOBS = "SELECT owner_id, event_id, handler, created_at FROM dead_jobs WHERE event_id = $1 ORDER BY handler"
_TAKE_EVENT = "DELETE FROM dead_events WHERE id = $1 RETURNING id"
_TAKE_JOBS = "DELETE FROM dead_jobs WHERE event_id = $1 AND handler = ANY($2) RETURNING handler"
_KEEP = (
    "INSERT INTO discarded_events (owner_id, id, event_id, handler, type, reason, occurred_at, discarded_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
)
_LIST = (
    "SELECT event_id, handler, type, reason, discarded_at FROM discarded_events "
    "ORDER BY discarded_at DESC, id DESC, handler LIMIT $1"
)


class DiscardLoss(NamedTuple):
    """One effect that is lost: the projection of an event, or with a `handler` a job of it.

    `follows` are the handlers of the jobs that a projection would have created. `kind` is the kind of the audit entry
    that it would have written, or None.
    """

    owner_id: int
    event_id: int
    handler: str
    type: str
    occurred_at: datetime
    follows: tuple[str, ...] = ()
    kind: str | None = None


class DiscardedEvent(NamedTuple):
    """An event or a job that an operator discarded, and the reason."""

    event_id: int
    handler: str
    type: str
    reason: str
    discarded_at: datetime


async def losses_of(queries: Queries, event_id: int) -> list[DiscardLoss]:
    """Returns the effects that are lost if all dead letters of an event are discarded."""
    events = [_loss_of(row) for row in await queries.fetch(_EVENT, event_id)]
    jobs = [
        DiscardLoss(row["owner_id"], row["event_id"], row["handler"], "", row["created_at"])
        for row in await queries.fetch(_JOBS, event_id)
    ]
    return events + jobs


async def discard_event(resources: Resources, event_id: int, reason: str) -> list[DiscardLoss]:
    """Discards all dead letters of an event and adds an entry to the audit trail of its owner.

    Returns the effects that are lost, or an empty list if the event has no dead letters.
    """
    async with resources.database.transaction() as transaction:
        losses = await losses_of(transaction, event_id)
        if not losses:
            return []
        owner_id = losses[0].owner_id
        await lock_partition(transaction, partition_of(owner_id))
        deleted = {"" for _ in await transaction.fetch(_TAKE_EVENT, event_id)}
        handlers = [loss.handler for loss in losses]
        deleted |= {row["handler"] for row in await transaction.fetch(_TAKE_JOBS, event_id, handlers)}
        lost = [loss for loss in losses if loss.handler in deleted]
        if lost:
            await _record(transaction, resources, lost, reason)
        return lost


async def discarded_events(queries: Queries, max_rows: int) -> list[DiscardedEvent]:
    """Returns the last discarded events and jobs, newest first."""
    rows = await queries.fetch(_LIST, max_rows)
    return [DiscardedEvent(*(row[name] for name in DiscardedEvent._fields)) for row in rows]


async def _record(transaction: Queries, resources: Resources, lost: list[DiscardLoss], reason: str) -> None:
    owner_id, entry_id, now = lost[0].owner_id, resources.ids.next(), resources.clock()
    for loss in lost:
        values = (loss.event_id, loss.handler, loss.type, reason, loss.occurred_at, now)
        await transaction.fetch(_KEEP, owner_id, entry_id, *values)
    if owner_id != Anonymous.user_id:
        event = AuditEvent(owner_id, DISCARDED, None, entry_id, now)
        await append_to_chains(transaction, {owner_id: [event]}, resources.seals)


def _loss_of(row: dict[str, Any]) -> DiscardLoss:
    try:
        event = read_event(LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"]))
    except UnreadableEvent:
        return DiscardLoss(row["actor_id"], row["id"], "", row["type"], row["occurred_at"])
    follows, kind = JOB_HANDLERS.get(type(event), ()), AUDIT_KINDS.get(type(event))
    return DiscardLoss(event.owner_id, row["id"], "", row["type"], row["occurred_at"], follows, kind)
