"""Finds which authors' posts are written into feeds, and limits a batch by the number of feeds."""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.database import Queries
from events import Event, FollowEnded, PostDeleted, PostEdited, PostPublished, UserFollowed, UserUnfollowed
from services.relay.projections.recorded_event import RecordedEvent

MAX_ENTRIES = 20_000
"""The maximum of feed entries that one transaction writes."""

_IN_FEEDS = (PostPublished, PostEdited, PostDeleted)
_OF_FOLLOWS = (UserFollowed, UserUnfollowed, FollowEnded)
_AUTHOR = {"author_id": "bigint"}
_LOOK_UP = (
    "SELECT g.author_id, COALESCE(c.followers, 0) AS followers, "
    "EXISTS (SELECT 1 FROM popular_authors a WHERE a.author_id = g.author_id) AS popular "
    "FROM input_rows g LEFT JOIN user_counts c ON c.user_id = g.author_id"
)


class Authors(NamedTuple):
    """The number of feeds that contain a post, by author, and the popular authors."""

    feeds: dict[int, int]
    popular: frozenset[int]


async def find_authors(transaction: Queries, batch: Sequence[RecordedEvent[Event]], max_pushed: int) -> Authors:
    """Returns the authors of all events that affect feeds. An author with a post that readers look up stays popular."""
    author_ids = {event.owner_id for event, *_ in batch if isinstance(event, _IN_FEEDS + _OF_FOLLOWS)}
    rows = await transaction.fetch_with_rows(_LOOK_UP, _AUTHOR, [(author,) for author in sorted(author_ids)])
    popular = frozenset(row["author_id"] for row in rows if row["popular"] or row["followers"] > max_pushed)
    return Authors({row["author_id"]: min(row["followers"], max_pushed) for row in rows}, popular)


def _entries_of(event: Event, authors: Authors) -> int:
    """Returns the number of feeds that an event affects.

    Edits and deletions by popular authors affect their own only.
    """
    if not isinstance(event, _IN_FEEDS):
        return 0
    if event.actor_id in authors.popular and not isinstance(event, PostPublished):
        return 1
    return authors.feeds[event.actor_id]


def limit_batch(batch: Sequence[RecordedEvent[Event]], authors: Authors) -> Sequence[RecordedEvent[Event]]:
    """Returns the first events that affect at most `MAX_ENTRIES` feeds in total, and at least one event."""
    entries = 0
    for number, (event, *_) in enumerate(batch):
        entries += _entries_of(event, authors)
        if entries > MAX_ENTRIES and number:
            return batch[:number]
    return batch
