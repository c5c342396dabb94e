"""Ends sessions."""

from collections.abc import Sequence
from typing import NamedTuple

from events import SessionEnded
from services.event_log import topics
from services.resources import Resources
from services.security.revocations import record_revoked
from services.unit_of_work import UnitOfWork


class _Ending(NamedTuple):
    """Statements that end the sessions of an owner ($1) on some devices ($2), in the order of `LOCK_ORDER`."""

    families: str
    devices: str

    @classmethod
    def on(cls, devices: str) -> "_Ending":
        return cls(
            "UPDATE refresh_families SET ended_at = $3, expires_at = $3 WHERE (owner_id, id) IN "  # noqa: S608 - built from constants
            f"(SELECT owner_id, id FROM refresh_families WHERE owner_id = $1 AND device_id {devices} "
            "AND ended_at IS NULL ORDER BY id FOR UPDATE)",
            "DELETE FROM devices WHERE (owner_id, id) IN "  # noqa: S608 - as above
            f"(SELECT owner_id, id FROM devices WHERE owner_id = $1 AND id {devices} ORDER BY id FOR UPDATE) "
            "RETURNING id",
        )


_THESE = _Ending.on("= ANY($2)")
_OTHERS = _Ending.on("<> $2")
_DELETE_PUSH_TOKENS = (
    "DELETE FROM push_tokens WHERE (user_id, device_id) IN (SELECT user_id, device_id FROM push_tokens "
    "WHERE user_id = $1 AND device_id = ANY($2) ORDER BY push_index FOR UPDATE)"
)
_NO_DEVICE = 0


async def end_sessions(work: UnitOfWork, resources: Resources, owner_id: int, device_ids: Sequence[int]) -> list[int]:
    """Ends the sessions of devices: deletes them, and revokes their refresh and access tokens.

    Returns the ids of the devices that existed.
    """
    return await _end(work, resources, owner_id, _THESE, list(device_ids))


async def end_other_sessions(work: UnitOfWork, resources: Resources, owner_id: int, device_id: int) -> list[int]:
    """Ends the sessions of all devices of the owner but this one."""
    return await _end(work, resources, owner_id, _OTHERS, device_id)


async def end_all_sessions(work: UnitOfWork, resources: Resources, owner_id: int) -> list[int]:
    """Ends the sessions of all devices of the owner."""
    return await _end(work, resources, owner_id, _OTHERS, _NO_DEVICE)


async def _end(
    work: UnitOfWork, resources: Resources, owner_id: int, ending: _Ending, selected: int | list[int]
) -> list[int]:
    transaction, now = await work.transaction(), resources.clock()
    await transaction.fetch(ending.families, owner_id, selected, now)
    removed = [row["id"] for row in await transaction.fetch(ending.devices, owner_id, selected)]
    if not removed:
        return []
    await transaction.fetch(_DELETE_PUSH_TOKENS, owner_id, removed)
    await record_revoked(transaction, owner_id, removed, now)
    for device_id in removed:
        work.emit(SessionEnded(actor_id=owner_id, device_id=device_id))

    def announce() -> None:
        resources.revocations.add(removed, now)
        resources.bus.wake(topics.REVOCATIONS)

    work.after_commit(announce)
    return removed
