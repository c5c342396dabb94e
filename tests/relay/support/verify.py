"""Verifies that the relay has processed each committed event once and in order."""

from adapters.database import Queries
from services.event_log.event_streams import StreamEventKind
from tests.relay.support.writers import AUTHORS, READERS, Written

_STREAM = (
    "SELECT place, kind, subject_id, log_tx, log_id FROM stream_entries "
    "WHERE owner_id = $1 AND stream_id = $1 ORDER BY place"
)


async def faults(queries: Queries, written: Written) -> list[str]:
    """Returns the errors found, as texts."""
    found: list[str] = []
    for author, posts in written.posts.items():
        for person in (author, author + READERS):
            found += await _faults_of(queries, person, author, posts)
    found += await _leftovers(queries, written)
    return found


async def _faults_of(queries: Queries, person: int, author: int, posts: set[int]) -> list[str]:
    entries = await queries.fetch(_STREAM, person)
    subjects = [entry["subject_id"] for entry in entries]
    positions = [(entry["log_tx"], entry["log_id"]) for entry in entries]
    in_feed = await queries.fetch("SELECT post_id FROM feed_entries WHERE owner_id = $1", person)
    checks = {
        "entries of the stream are not those that were committed": sorted(subjects) == sorted(posts),
        "places have gaps": [entry["place"] for entry in entries] == list(range(1, len(entries) + 1)),
        "the order is not the log's": positions == sorted(set(positions)),
        "an entry is of another kind": {entry["kind"] for entry in entries}
        <= {StreamEventKind.FEED_POST_PUBLISHED.value},
        "the feed is not what was committed": sorted(row["post_id"] for row in in_feed) == sorted(posts),
    }
    if person == author:
        counted = await queries.fetch("SELECT posts FROM user_counts WHERE user_id = $1", author)
        checks["the count is not a recount"] = sum(row["posts"] for row in counted) == len(posts)
    return [f"{person}: {what}" for what, well in checks.items() if not well]


async def _leftovers(queries: Queries, written: Written) -> list[str]:
    async def number(sql: str) -> int:
        (row,) = await queries.fetch(sql)
        return row["number"]

    checks = {
        "the log has other events than were committed": await number("SELECT COUNT(*) AS number FROM event_log")
        == written.committed,
        "changes of counts are left": await number("SELECT COUNT(*) AS number FROM count_deltas") == 0,
        "events are set aside": await number("SELECT COUNT(*) AS number FROM dead_events") == 0,
        "a feed of another user": await number(
            f"SELECT COUNT(*) AS number FROM feed_entries WHERE owner_id > {READERS + AUTHORS}"
        )
        == 0,
    }
    return [what for what, well in checks.items() if not well]
