"""Counts: writers insert changes without waiting for each other, and the relay folds the changes into totals.

To fold changes is to add them to the total and to delete their rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from adapters.database import Columns, DialectSQL, Queries
from core.ids import Ids


class CountChange(NamedTuple):
    """A change of one count of a subject (a user, a post, an inbox) in its owner's partition."""

    owner_id: int
    subject_id: int
    counter: str
    delta: int


_DELTA = {"owner_id": "bigint", "subject_id": "bigint", "counter": "text", "delta": "bigint", "id": "bigint"}
_ADD = f"INSERT INTO count_deltas ({', '.join(_DELTA)}) SELECT {', '.join(_DELTA)} FROM input_rows"  # noqa: S608 - built from constants

_SUBJECT = {"owner_id": "bigint", "subject_id": "bigint"}
MAX_FOLDED = 100_000
"""The maximum of changes that one transaction folds. The rest is folded with the next change of the same counts."""

_DELETE = (
    "DELETE FROM count_deltas WHERE (owner_id, subject_id, counter, id) IN ("  # noqa: S608 - built from constants
    "SELECT d.owner_id, d.subject_id, d.counter, d.id FROM input_rows g JOIN count_deltas d "
    f"ON d.owner_id = g.owner_id AND d.subject_id = g.subject_id LIMIT {MAX_FOLDED} FOR UPDATE OF d SKIP LOCKED) "
    "RETURNING owner_id, subject_id, counter, delta"
)
_TAKE = DialectSQL(
    postgres=(
        f", taken AS ({_DELETE}) SELECT owner_id, subject_id, counter, CAST(SUM(delta) AS BIGINT) AS delta "  # noqa: S608 - as above
        "FROM taken GROUP BY owner_id, subject_id, counter"
    ),
    sqlite=_DELETE,
)


class CountTable(NamedTuple):
    """A table of totals: the columns of its key, and its counters."""

    table: str
    key: tuple[str, ...]
    counters: tuple[str, ...]

    @property
    def columns(self) -> Columns:
        return dict.fromkeys((*self.key, *self.counters), "bigint")

    @property
    def upsert(self) -> str:
        names = ", ".join(self.columns)
        sums = ", ".join(f"{counter} = {self.table}.{counter} + excluded.{counter}" for counter in self.counters)
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM input_rows WHERE true "  # noqa: S608 - built from constants
            f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {sums}"
        )


COUNT_TABLES = (
    CountTable("user_counts", ("user_id",), ("followers", "following", "posts")),
    CountTable("post_counts", ("author_id", "post_id"), ("likes", "comments")),
    CountTable("notification_counts", ("owner_id",), ("unseen", "unread")),
)


async def change_counts(transaction: Queries, ids: Ids, changes: Iterable[CountChange]) -> None:
    """Inserts changes of counts. An event of the same transaction must name the subjects, so that they are folded."""
    await transaction.fetch_with_rows(_ADD, _DELTA, [(*change, ids.next()) for change in changes])


async def fold_counts(transaction: Queries, subjects: Iterable[tuple[int, int]]) -> None:
    """Adds all changes of these subjects (owner id, id) to their totals and deletes the changes.

    Changes that another relay has locked are left to it.
    """
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for row in await transaction.fetch_with_rows(_TAKE, _SUBJECT, list(subjects)):
        sums[row["owner_id"], row["subject_id"], row["counter"]] += row["delta"]
    await add_to_totals(transaction, [CountChange(*key, delta) for key, delta in sums.items()])


async def add_to_totals(transaction: Queries, changes: Iterable[CountChange]) -> None:
    """Adds changes directly to the totals. Only the relay writes totals, so only the relay calls it."""
    by_counter = {counter: table for table in COUNT_TABLES for counter in table.counters}
    rows: dict[CountTable, dict[tuple[int, ...], dict[str, int]]] = {table: {} for table in COUNT_TABLES}
    for change in changes:
        table = by_counter[change.counter]
        key = (change.owner_id, change.subject_id)[: len(table.key)]
        counts = rows[table].setdefault(key, dict.fromkeys(table.counters, 0))
        counts[change.counter] += change.delta
    for table, sums in rows.items():
        totals = [(*key, *counts.values()) for key, counts in sorted(sums.items())]
        await transaction.fetch_with_rows(table.upsert, table.columns, totals)
