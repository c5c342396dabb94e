"""Ending sessions."""

from collections.abc import Sequence

from adapters.database import Queries
from events import SessionEnded
from services.resources import Resources
from services.revocations import note_revoked
from services.unit_of_work import REVOKED, UnitOfWork

_REMOVE = "DELETE FROM devices WHERE owner_id = $1 AND id = ANY($2) RETURNING id"
_END = (
    "UPDATE refresh_families SET ended_at = $3, expires_at = $3 "
    "WHERE owner_id = $1 AND device_id = ANY($2) AND ended_at IS NULL"
)
_OTHERS = "SELECT id FROM devices WHERE owner_id = $1 AND id <> $2"


async def end_sessions(work: UnitOfWork, resources: Resources, owner_id: int, device_ids: Sequence[int]) -> list[int]:
    """Removes devices, ends what refreshes them, and has their access tokens refused everywhere, soon.

    Returns the ids of those that were there.
    """
    transaction, now = await work.writing(), resources.clock()
    removed = [row["id"] for row in await transaction.fetch(_REMOVE, owner_id, list(device_ids))]
    if not removed:
        return []
    await transaction.fetch(_END, owner_id, removed, now)
    await note_revoked(transaction, owner_id, removed, now)
    for device_id in removed:
        work.emit(SessionEnded(actor_id=owner_id, device_id=device_id))

    def announce() -> None:
        resources.revocations.add(removed, now)
        resources.bus.wake(REVOKED)

    work.after_commit(announce)
    return removed


async def other_devices(queries: Queries, owner_id: int, device_id: int) -> list[int]:
    """Everywhere somebody is signed in but here."""
    return [row["id"] for row in await queries.fetch(_OTHERS, owner_id, device_id)]
