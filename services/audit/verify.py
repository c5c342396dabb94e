"""Verifies all chains of the audit trail, to find rows that were changed by other software."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from typing import Any, NamedTuple

from adapters.database import Database, DialectSQL, Queries
from core.ids import MAX_ID
from services.audit.seals import ZERO_HASH, AuditEntry, Head, Seals, Total, sum_of
from services.event_log.log import partition_of

PAGE = 1000
MAX_PLACES_TRIED = 10_000
"""The maximum of places that are tried for an entry that may have been moved."""

_LOWEST = -(2**63)
_ENTRY = ", ".join(f"a.{column}" for column in AuditEntry._fields)
_HEAD = ", ".join(f"h.{column}" for column in Head._fields)

_SNAPSHOT = DialectSQL(
    postgres="SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", sqlite="SELECT 1 AS one WHERE false"
)
_ENTRIES = (
    f"SELECT {_ENTRY}, h.place AS head_place, h.hash AS head_hash FROM audit_entries a "  # noqa: S608 - built from constants
    "LEFT JOIN audit_heads h ON h.owner_id = a.owner_id WHERE (a.owner_id, a.place) > ($1, $2) AND a.owner_id <= $3 "
    "ORDER BY a.owner_id, a.place LIMIT $4"
)
_HEADS = (
    f"SELECT {_HEAD}, EXISTS (SELECT 1 FROM audit_entries a WHERE a.owner_id = h.owner_id) AS followed "  # noqa: S608 - as above
    "FROM audit_heads h WHERE h.owner_id > $1 AND h.owner_id <= $2 ORDER BY h.owner_id LIMIT $3"
)
_TOTALS = f"SELECT {', '.join(Total._fields)} FROM audit_totals ORDER BY partition"  # noqa: S608 - as above


class AuditFault(NamedTuple):
    """A row that is changed or missing: of one owner, or of a whole partition."""

    where: str
    fault: str


class _Chain:
    """The state of one user's chain while its entries are read."""

    def __init__(self, seals: Seals, row: dict[str, Any]) -> None:
        self.owner_id: int = row["owner_id"]
        self._seals = seals
        self._head_place: int | None = row["head_place"]
        self._head_hash: str | None = row["head_hash"]
        self._place = 0
        self._hash: str | None = ZERO_HASH
        """The hash of the last entry. None if the next entry cannot be compared with it."""

    def follow(self, entry: AuditEntry) -> Iterator[AuditFault]:
        """Yields the faults of the next entry."""
        if entry.place > self._place + 1:
            yield self._missing("missing", entry.place - 1)
            self._hash = None
        wrong = self._wrong_with(entry)
        if wrong:
            yield _fault(self.owner_id, entry.place, wrong)
        elif self._hash not in (None, entry.previous_hash):
            yield _fault(self.owner_id, entry.place, "out of order: it was not written behind the entry before it")
        self._place = max(self._place, entry.place)
        self._hash = None if wrong else entry.hash

    def end(self) -> Iterator[AuditFault]:
        """Yields the faults behind the last entry."""
        if self._head_place is None:
            yield _fault(self.owner_id, self._place, "cut off: the record of the chain's end is missing")
        elif self._head_place > self._place:
            yield self._missing("cut off", self._head_place)
        elif self._head_place < self._place or self._hash not in (None, self._head_hash):
            yield _fault(self.owner_id, self._place, f"not of the chain, which ends at place {self._head_place}")

    def _missing(self, how: str, last: int) -> AuditFault:
        first = self._place + 1
        through = f": and all through place {last}" if last > first else ""
        return _fault(self.owner_id, first, how + through)

    def _wrong_with(self, entry: AuditEntry) -> str | None:
        expected = self._seals.hash_of(entry)
        if expected is None:
            return _unknown(entry.key_id)
        if expected == entry.hash:
            return None
        for place in range(1, min(self._head_place or 0, MAX_PLACES_TRIED) + 1):
            if self._seals.hash_of(entry._replace(place=place)) == entry.hash:
                return f"out of order: it was written as place {place}"
        return "edited, or forged"


class Verification:
    """Verifies all chains, or one user's, in the order of owner and place, with one page in memory at a time.

    It reads one snapshot. On SQLite no process writes meanwhile.
    """

    def __init__(self, database: Database, seals: Seals, owner_id: int | None = None) -> None:
        self._database = database
        self._seals = seals
        self._all = owner_id is None
        self._before = _LOWEST if owner_id is None else owner_id - 1
        self._last = MAX_ID if owner_id is None else owner_id
        self._sums: dict[int, str] = defaultdict(lambda: ZERO_HASH)
        self.entries = 0
        self.people = 0

    async def faults(self) -> AsyncGenerator[AuditFault]:
        """Yields all faults."""
        async with self._database.transaction() as transaction:
            await transaction.fetch(_SNAPSHOT)
            async for fault in self._in_chains(transaction):
                yield fault
            async for fault in self._in_heads(transaction):
                yield fault
            if self._all:
                for fault in await self._in_totals(transaction):
                    yield fault

    async def _in_chains(self, queries: Queries) -> AsyncGenerator[AuditFault]:
        chain: _Chain | None = None
        async for row in self._entries(queries):
            if chain is None or chain.owner_id != row["owner_id"]:
                for fault in chain.end() if chain else ():
                    yield fault
                chain = _Chain(self._seals, row)
            for fault in chain.follow(_entry(row)):
                yield fault
        for fault in chain.end() if chain else ():
            yield fault

    async def _entries(self, queries: Queries) -> AsyncGenerator[dict[str, Any]]:
        behind = (self._before, MAX_ID)
        while rows := await queries.fetch(_ENTRIES, *behind, self._last, PAGE):
            for row in rows:
                yield row
            self.entries += len(rows)
            behind = (rows[-1]["owner_id"], rows[-1]["place"])

    async def _in_heads(self, queries: Queries) -> AsyncGenerator[AuditFault]:
        behind = self._before
        while rows := await queries.fetch(_HEADS, behind, self._last, PAGE):
            self.people += len(rows)
            for row in rows:
                head, behind = Head(*(row[column] for column in Head._fields)), row["owner_id"]
                seal = self._seals.seal_of(head)
                partition = partition_of(abs(head.owner_id))  # a forged owner may be below 0
                self._sums[partition] = sum_of([self._sums[partition], seal or head.seal])
                if seal != head.seal:
                    fault = "the record of the chain's end is edited" if seal else _unknown(head.key_id)
                    yield _fault(head.owner_id, head.place, fault)
                if not row["followed"]:
                    yield _fault(head.owner_id, 1, f"cut off: and all through place {head.place}")

    async def _in_totals(self, queries: Queries) -> list[AuditFault]:
        totals = {row["partition"]: Total(**row) for row in await queries.fetch(_TOTALS)}
        found: list[AuditFault] = []
        for partition in sorted(totals.keys() | self._sums.keys()):
            total, where = totals.get(partition), f"partition {partition}"
            if total is None:
                found.append(AuditFault(where, "what says which chains there are is missing"))
            elif not self._seals.is_ours(total):
                found.append(AuditFault(where, "what says which chains there are is edited, or its key is not known"))
            elif total.total != self._sums[partition]:
                found.append(AuditFault(where, "a chain was removed, put back to an earlier end, or forged"))
        return found


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(*(row[column] for column in AuditEntry._fields))


def _fault(owner_id: int, place: int, fault: str) -> AuditFault:
    return AuditFault(f"owner {owner_id}  place {place}", fault)


def _unknown(key_id: str) -> str:
    return f"edited, or sealed by the key '{key_id}', which is not in BFF_SECRET_KEYS"
