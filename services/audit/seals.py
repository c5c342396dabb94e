"""Seals of the audit trail: HMAC-SHA256 under keys that are not in the database.

They show when rows were written by other software.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from core.keys import KeyRing

ZERO_HASH = "0" * 64
"""The hash before the first entry of a chain, and the total of no chains."""

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class AuditEntry(NamedTuple):
    """A row of `audit_entries`, in the order of its columns."""

    owner_id: int
    place: int
    kind: str
    device_id: int | None
    event_id: int
    occurred_at: datetime
    key_id: str
    previous_hash: str
    hash: str


class Head(NamedTuple):
    """The end of a chain: the place and the hash of its last entry."""

    owner_id: int
    place: int
    hash: str
    key_id: str
    seal: str


class Total(NamedTuple):
    """The sum of the seals of all heads in a partition."""

    partition: int
    total: str
    key_id: str
    seal: str


_ENTRY = "entry"
_LABELS: Mapping[type[Head | Total], str] = {Head: "head", Total: "total"}
"""The first value of each HMAC, so that a row of one kind is not valid as another. Stored seals depend on them."""

RowT = TypeVar("RowT", Head, Total)


class AuditEvent(NamedTuple):
    """The contents of a new entry."""

    owner_id: int
    kind: str
    device_id: int | None
    event_id: int
    occurred_at: datetime


class Seals:
    """Seals rows with the first key and verifies them with the key that a row names.

    A wrong row never becomes right by new entries: a head or total whose seal is wrong keeps that seal.
    """

    def __init__(self, keys: KeyRing) -> None:
        derived = keys.derive("audit")
        self._key_id = derived[0].id
        self._secrets = {key.id: key.secret for key in keys.derive_for_checking("audit")}

    def hash_of(self, entry: AuditEntry) -> str | None:
        """Returns the correct hash of the entry, or None if its key is unknown. It covers all columns but the hash."""
        owner_id, place, kind, device_id, event_id, occurred_at, key_id, previous_hash, _ = entry
        microseconds = (occurred_at - _UNIX_EPOCH) // _MICROSECOND
        values = [owner_id, place, kind, device_id, event_id, microseconds, key_id, previous_hash]
        return self._sealed(key_id, [_ENTRY, *values])

    def is_ours(self, row: Head | Total) -> bool:
        """Returns whether the seal of a head or a total is correct."""
        seal = self.seal_of(row)
        return seal is not None and hmac.compare_digest(seal.encode(), row.seal.encode())

    def seal_of(self, row: Head | Total) -> str | None:
        """Returns the correct seal, or None if its key is unknown."""
        *values, _ = row
        return self._sealed(row.key_id, [_LABELS[type(row)], *values])

    def next_entry(self, head: Head | None, event: AuditEvent) -> AuditEntry:
        """Returns the entry that follows the end of a chain."""
        place, previous_hash = (head.place, head.hash) if head else (0, ZERO_HASH)
        owner_id, kind, device_id, event_id, occurred_at = event
        entry = AuditEntry(owner_id, place + 1, kind, device_id, event_id, occurred_at, self._key_id, previous_hash, "")
        return entry._replace(hash=self.hash_of(entry) or "")

    def next_head(self, head: Head | None, entry: AuditEntry) -> Head:
        """Returns the end of a chain after a new entry."""
        moved = Head(entry.owner_id, entry.place, entry.hash, self._key_id, head.seal if head else "")
        return moved if head and not self.is_ours(head) else self._resealed(moved)

    def next_total(self, total: Total | None, partition: int, removed: Sequence[str], added: Sequence[str]) -> Total:
        """Returns the total after heads have moved: it loses their previous seals and gains the new ones."""
        before = total or Total(partition, ZERO_HASH, self._key_id, "")
        moved = before._replace(total=sum_of([before.total, *added], removed), key_id=self._key_id)
        return moved if total and not self.is_ours(total) else self._resealed(moved)

    def _resealed(self, row: RowT) -> RowT:
        return row._replace(seal=self.seal_of(row) or "")

    def _sealed(self, key_id: str, values: Sequence[str | int | None]) -> str | None:
        """Returns the HMAC of the values as compact ASCII JSON, which is unique for the values."""
        secret = self._secrets.get(key_id)
        if secret is None:
            return None
        return hmac.digest(secret, json.dumps(values, separators=(",", ":")).encode(), "sha256").hex()


def sum_of(added: Sequence[str], removed: Sequence[str] = ()) -> str:
    """Returns the sum of hexadecimal numbers modulo 2**256. Invalid text counts as 0."""
    return f"{(sum(map(_number, added)) - sum(map(_number, removed))) % 2**256:064x}"


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0
