"""Reads event streams: where they end, and the entries after a place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from adapters.database import DialectSQL, Queries
from core.ids import MAX_ID
from models.users import unblocked
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEventKind
from services.event_log.log import LogPosition

MAX_POPULAR = 5000
"""The maximum of entries of the popular stream among which one statement finds those for a user."""

_STATE = "s.epoch, s.first_place, s.last_place, s.counts_revision"
_ENTRY = "e.place, e.kind, e.subject_owner_id, e.subject_id, e.log_tx, e.log_id, e.occurred_at"
_OF_STREAM = "e.owner_id = s.owner_id AND e.stream_id = s.id"

_AFTER = {"owner_id": "bigint", "stream_id": "bigint", "place": "bigint"}
_READ = (
    f"SELECT s.owner_id, s.id, {_STATE}, {_ENTRY} FROM input_rows g "  # noqa: S608 - built from constants
    "JOIN streams s ON s.owner_id = g.owner_id AND s.id = g.stream_id "
    f"LEFT JOIN stream_entries e ON {_OF_STREAM} AND e.place > g.place AND e.place <= g.place + $1 "
    "ORDER BY s.owner_id, s.id, e.place"
)
_READ_POPULAR = (
    f"SELECT {_STATE}, {_ENTRY}, f.owner_id AS reader_id FROM streams s "  # noqa: S608 - as above
    f"LEFT JOIN stream_entries e ON {_OF_STREAM} AND e.place > $2 AND e.place <= $2 + $3 "
    "LEFT JOIN follows f ON f.followee_id = e.subject_owner_id AND f.owner_id = ANY($1) "
    f"WHERE s.owner_id = {POPULAR_STREAM.owner_id} AND s.id = {POPULAR_STREAM.id} ORDER BY e.place"
)
_FOLLOWS_SUBJECT = "EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = $1 AND f.followee_id = e.subject_owner_id)"
_READ_USER = DialectSQL(
    *(
        f"SELECT s.owner_id, s.id, {_STATE}, {_ENTRY} FROM streams s "  # noqa: S608 - as above
        f"LEFT JOIN stream_entries e ON {_OF_STREAM} "
        f"AND e.place > CASE WHEN s.owner_id = $1 THEN {own} ELSE {popular} END "
        f"AND e.place <= CASE WHEN s.owner_id = $1 THEN {own} + {limit} ELSE {popular} + {popular_limit} END "
        f"AND (s.owner_id = $1 OR {_FOLLOWS_SUBJECT}) "
        f"WHERE s.owner_id IN ($1, {POPULAR_STREAM.owner_id}) AND s.id IN ($1, {POPULAR_STREAM.id}) "
        "ORDER BY s.owner_id, e.place"
        for own, popular, limit, popular_limit in (
            ("$2::bigint", "$3::bigint", "$4::bigint", "$5::bigint"),
            ("$2", "$3", "$4", "$5"),
        )
    )
)
_READ_POST = (
    f"SELECT {_STATE}, {_ENTRY} FROM posts p LEFT JOIN streams s ON s.owner_id = p.author_id AND s.id = p.id "  # noqa: S608 - as above
    f"LEFT JOIN stream_entries e ON {_OF_STREAM} AND e.place > $4 AND e.place <= $4 + $5 "
    f"WHERE p.author_id = $1 AND p.id = $2 AND p.deleted_at IS NULL AND {unblocked('$3', 'p.author_id')} "
    "ORDER BY e.place"
)


class Offset(NamedTuple):
    """A point in a stream: the number of the last entry that was read."""

    epoch: int
    place: int


START_OFFSET = Offset(0, 0)
"""The offset before the first entry of a stream, also of one that does not exist yet."""

_NO_ENTRIES = MAX_ID - 2**32
"""A place after all entries, to which a limit can be added."""


class StreamState(NamedTuple):
    """The begin and the end of a stream. `counts_revision` grows when counts of its subject change."""

    epoch: int
    first_place: int
    last_place: int
    counts_revision: int

    @property
    def end(self) -> Offset:
        return Offset(self.epoch, self.last_place)

    def contains(self, offset: Offset) -> bool:
        """Returns whether a reader at this offset can continue: no entry after it was deleted."""
        if offset.epoch != self.epoch and offset != START_OFFSET:
            return False
        return self.first_place - 1 <= offset.place <= self.last_place


NO_STREAM = StreamState(0, 1, 0, 0)
"""The state of a stream that does not exist yet."""


class StreamEntry(NamedTuple):
    """An entry with its number in the stream."""

    place: int
    kind: StreamEventKind
    subject: RowKey
    position: LogPosition
    occurred_at: datetime


class StreamPage(NamedTuple):
    """The state of a stream, and entries after a place in order. `read_to` is the last place that was read."""

    state: StreamState
    entries: list[StreamEntry]
    read_to: int


class UserPages(NamedTuple):
    """Pages of a user's own stream, and of the popular stream with the entries of the authors that the user follows."""

    own: StreamPage
    popular: StreamPage


class PopularPage(NamedTuple):
    """A page of the popular stream, and the readers of each entry by its place, among those that were asked for."""

    page: StreamPage
    readers: dict[int, list[int]]


async def read_streams(
    queries: Queries, after: Iterable[tuple[RowKey, int]], max_entries: int
) -> dict[RowKey, StreamPage]:
    """Returns up to `max_entries` entries after a place of each stream, by one statement. Omits missing streams."""
    places = dict(after)
    rows = await queries.fetch_with_rows(
        _READ, _AFTER, [(*stream, place) for stream, place in sorted(places.items())], max_entries
    )
    by_stream: dict[RowKey, list[Any]] = {}
    for row in rows:
        by_stream.setdefault(RowKey(row["owner_id"], row["id"]), []).append(row)
    return {stream: _page(found, places[stream], max_entries) for stream, found in by_stream.items()}


async def read_popular_stream(queries: Queries, reader_ids: Sequence[int], after: int, max_entries: int) -> PopularPage:
    """Returns entries of the popular stream after a place, and which of these readers follow the author of each."""
    rows = await queries.fetch(_READ_POPULAR, list(reader_ids), after, max_entries)
    readers: dict[int, list[int]] = {}
    for row in rows:
        if row["reader_id"] is not None:
            readers.setdefault(row["place"], []).append(row["reader_id"])
    entries = list({row["place"]: row for row in rows}.values())
    return PopularPage(_page(entries, after, max_entries), readers)


async def read_user_streams(
    queries: Queries, user_id: int, after: int | None, popular_after: int | None, max_entries: int
) -> UserPages:
    """Returns entries of a user's streams after two places; none after None."""
    own_after = _NO_ENTRIES if after is None else after
    other_after = _NO_ENTRIES if popular_after is None else popular_after
    rows = await queries.fetch(_READ_USER, user_id, own_after, other_after, max_entries, MAX_POPULAR)
    own = [row for row in rows if row["owner_id"] == user_id]
    popular = [row for row in rows if row["owner_id"] != user_id]
    return UserPages(_page(own, own_after, max_entries), _page(popular, other_after, MAX_POPULAR))


async def read_post_stream(
    queries: Queries, viewer_id: int, post: RowKey, after: int | None, max_entries: int
) -> StreamPage | None:
    """Returns entries of a post's stream after a place; none after None. Returns None if the viewer sees no post."""
    place = _NO_ENTRIES if after is None else after
    rows = await queries.fetch(_READ_POST, *post, viewer_id, place, max_entries)
    return _page(rows, place, max_entries) if rows else None


def _page(rows: Sequence[dict[str, Any]], after: int, max_entries: int) -> StreamPage:
    if not rows or rows[0]["epoch"] is None:
        return StreamPage(NO_STREAM, [], 0)
    first = rows[0]
    state = StreamState(first["epoch"], first["first_place"], first["last_place"], first["counts_revision"])
    entries = [_entry(row) for row in rows if row["place"] is not None]
    return StreamPage(state, entries, min(state.last_place, after + max_entries))


def _entry(row: dict[str, Any]) -> StreamEntry:
    return StreamEntry(
        row["place"],
        StreamEventKind(row["kind"]),
        RowKey(row["subject_owner_id"], row["subject_id"]),
        LogPosition(row["log_tx"], row["log_id"]),
        row["occurred_at"],
    )
