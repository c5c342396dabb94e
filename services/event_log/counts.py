"""Changing counts without waiting for anybody, and folding the changes."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from adapters.database import Columns, DialectSQL, Queries
from core.ids import Ids


class CountChange(NamedTuple):
    """Of one count of a subject (a person, a post, an inbox) in its owner's partition."""

    owner_id: int
    subject_id: int
    counter: str
    delta: int


_DELTA = {"owner_id": "bigint", "subject_id": "bigint", "counter": "text", "delta": "bigint", "id": "bigint"}
_ADD = f"INSERT INTO count_deltas ({', '.join(_DELTA)}) SELECT {', '.join(_DELTA)} FROM input_rows"  # noqa: S608 - built from constants

_SUBJECT = {"owner_id": "bigint", "subject_id": "bigint"}
MAX_FOLDED = 100_000
"""Changes, in one transaction. What is left is folded with the next change of the same counts."""

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
    """A table of folded counts: by which columns a subject is found in it, and its counters."""

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


FOLDED = (
    CountTable("user_counts", ("user_id",), ("followers", "following", "posts")),
    CountTable("post_counts", ("author_id", "post_id"), ("likes", "comments")),
    CountTable("notification_counts", ("owner_id",), ("unseen", "unread")),
)


async def change_counts(transaction: Queries, ids: Ids, changes: Iterable[CountChange]) -> None:
    """Adds to counts. An event of the same transaction has to name the subjects, so that the relay folds them."""
    await transaction.fetch_with_rows(_ADD, _DELTA, [(*change, ids.next()) for change in changes])


async def fold_counts(transaction: Queries, subjects: Iterable[tuple[int, int]]) -> None:
    """Adds all changes of these (owner, subject) to their folded counts, and forgets them.

    Those that another relay is about to fold are left to it.
    """
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for row in await transaction.fetch_with_rows(_TAKE, _SUBJECT, list(subjects)):
        sums[row["owner_id"], row["subject_id"], row["counter"]] += row["delta"]
    await add_to_folded(transaction, [CountChange(*key, delta) for key, delta in sums.items()])


async def add_to_folded(transaction: Queries, changes: Iterable[CountChange]) -> None:
    """Adds to folded counts right away; for the relay, which is the only one to write them."""
    by_counter = {counter: folded for folded in FOLDED for counter in folded.counters}
    rows: dict[CountTable, dict[tuple[int, ...], dict[str, int]]] = {folded: {} for folded in FOLDED}
    for change in changes:
        folded = by_counter[change.counter]
        key = (change.owner_id, change.subject_id)[: len(folded.key)]
        counts = rows[folded].setdefault(key, dict.fromkeys(folded.counters, 0))
        counts[change.counter] += change.delta
    for folded, found in rows.items():
        given = [(*key, *counts.values()) for key, counts in sorted(found.items())]
        await transaction.fetch_with_rows(folded.upsert, folded.columns, given)
