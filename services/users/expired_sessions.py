"""Ends sessions whose refresh token has expired."""

from datetime import datetime

from adapters.database import Queries

_EXPIRED = (
    "SELECT owner_id, id, device_id FROM refresh_families WHERE (owner_id, id) IN "
    "(SELECT owner_id, id FROM refresh_families WHERE expires_at < $1 AND ended_at IS NULL "
    "ORDER BY expires_at LIMIT $2) AND expires_at < $1 AND ended_at IS NULL ORDER BY owner_id, id FOR UPDATE"
)
_FAMILY = {"owner_id": "bigint", "id": "bigint"}
_END = (
    "UPDATE refresh_families SET ended_at = expires_at "
    "WHERE (owner_id, id) IN (SELECT g.owner_id, g.id FROM input_rows g)"
)
_DEVICE = {"owner_id": "bigint", "device_id": "bigint"}
_REMOVE = (
    "DELETE FROM devices WHERE (owner_id, id) IN (SELECT d.owner_id, d.id FROM input_rows g JOIN devices d "
    "ON d.owner_id = g.owner_id AND d.id = g.device_id ORDER BY d.owner_id, d.id FOR UPDATE OF d)"
)
_DELETE_PUSH_TOKENS = (
    "DELETE FROM push_tokens WHERE (user_id, device_id) IN (SELECT p.user_id, p.device_id FROM input_rows g "
    "JOIN push_tokens p ON p.user_id = g.owner_id AND p.device_id = g.device_id ORDER BY p.push_index FOR UPDATE OF p)"
)


async def end_expired_sessions(transaction: Queries, before: datetime, max_sessions: int) -> bool:
    """Deletes devices and push tokens of up to `max_sessions` expired sessions. Returns whether there may be more.

    It emits no event: a device is not listed from the moment at which its session expires.
    """
    rows = await transaction.fetch(_EXPIRED, before, max_sessions)
    devices = [(row["owner_id"], row["device_id"]) for row in rows]
    await transaction.fetch_with_rows(_END, _FAMILY, [(row["owner_id"], row["id"]) for row in rows])
    await transaction.fetch_with_rows(_REMOVE, _DEVICE, devices)
    await transaction.fetch_with_rows(_DELETE_PUSH_TOKENS, _DEVICE, devices)
    return len(rows) == max_sessions
