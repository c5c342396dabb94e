"""Whose posts are written into their followers' feeds, and into how many."""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.database import Queries
from events import Event, FollowEnded, PostDeleted, PostEdited, PostPublished, UserFollowed, UserUnfollowed
from services.relay.projections.recorded_event import RecordedEvent

MAX_ENTRIES = 20_000
"""Of feeds, written in one transaction."""

_IN_FEEDS = (PostPublished, PostEdited, PostDeleted)
_OF_PEOPLE = (UserFollowed, UserUnfollowed, FollowEnded)
_AUTHOR = {"author_id": "bigint"}
_LOOK_UP = (
    "SELECT g.author_id, COALESCE(c.followers, 0) AS followers, "
    "EXISTS (SELECT 1 FROM popular_authors a WHERE a.author_id = g.author_id) AS popular "
    "FROM input_rows g LEFT JOIN user_counts c ON c.user_id = g.author_id"
)


class Authors(NamedTuple):
    """By author, how many feeds a post of theirs is in; and those whose followers look it up themselves."""

    feeds: dict[int, int]
    popular: frozenset[int]


async def find_authors(transaction: Queries, batch: Sequence[RecordedEvent[Event]], most_followers: int) -> Authors:
    """Of all events that feeds have to do with. Who ever published a post that is pulled stays popular."""
    concerned = {event.owner_id for event, *_ in batch if isinstance(event, _IN_FEEDS + _OF_PEOPLE)}
    rows = await transaction.fetch_with_rows(_LOOK_UP, _AUTHOR, [(author,) for author in sorted(concerned)])
    popular = frozenset(row["author_id"] for row in rows if row["popular"] or row["followers"] > most_followers)
    return Authors({row["author_id"]: min(row["followers"], most_followers) for row in rows}, popular)


def _entries_of(event: Event, authors: Authors) -> int:
    """Number of feeds that an event is looked up in: for edits and deletions by popular authors, their own alone."""
    if not isinstance(event, _IN_FEEDS):
        return 0
    if event.actor_id in authors.popular and not isinstance(event, PostPublished):
        return 1
    return authors.feeds[event.actor_id]


def limit_batch(batch: Sequence[RecordedEvent[Event]], authors: Authors) -> Sequence[RecordedEvent[Event]]:
    """As many of the first events as concern no more than `MAX_ENTRIES` feeds; one at least."""
    entries = 0
    for number, (event, *_) in enumerate(batch):
        entries += _entries_of(event, authors)
        if entries > MAX_ENTRIES and number:
            return batch[:number]
    return batch
