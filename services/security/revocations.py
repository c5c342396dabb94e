"""Revocations: devices whose access tokens are invalid before they end.

An access token is verified without the database, so each process knows the devices that were revoked within the
lifetime of a token. It reads new ones when the bus wakes it, and every second.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.database import Queries

_OVERLAP = timedelta(seconds=30)
"""Longer than any unit of work takes, so that one that is committed late is not missed."""

_INSERT = "INSERT INTO revoked_devices (owner_id, device_id, revoked_at) SELECT owner_id, device_id, $1 FROM input_rows"
_DEVICE = {"owner_id": "bigint", "device_id": "bigint"}
_SINCE = "SELECT device_id, revoked_at FROM revoked_devices WHERE revoked_at >= $1"


class Revocations:
    """The revoked devices that this process knows. `lifetime` is that of access tokens."""

    def __init__(self, lifetime: timedelta) -> None:
        self._lifetime = lifetime + _OVERLAP
        self._known: dict[int, datetime] = {}
        self._refreshed_at: datetime | None = None

    def has(self, device_id: int) -> bool:
        return device_id in self._known

    def add(self, device_ids: Iterable[int], now: datetime) -> None:
        """Adds devices immediately, in this process."""
        self._known.update(dict.fromkeys(device_ids, now))

    async def refresh(self, queries: Queries, now: datetime) -> None:
        """Reads the revocations since the last refresh, and removes those whose tokens have ended."""
        oldest = now - self._lifetime
        since = oldest if self._refreshed_at is None else max(oldest, self._refreshed_at - _OVERLAP)
        rows = await queries.fetch(_SINCE, since)
        self._known.update({row["device_id"]: row["revoked_at"] for row in rows})
        self._known = {device_id: at for device_id, at in self._known.items() if at >= oldest}
        self._refreshed_at = now


async def record_revoked(transaction: Queries, owner_id: int, device_ids: Iterable[int], now: datetime) -> None:
    """Inserts revocations for the other processes."""
    await transaction.fetch_with_rows(_INSERT, _DEVICE, [(owner_id, device_id) for device_id in device_ids], now)
