"""How much of a batch is done at once."""

from collections.abc import Sequence

from adapters.database import Queries
from core.settings import Settings
from events import Event, PostDeleted, PostEdited, PostPublished
from services.projections.happened import Happened

MOST_ENTRIES = 20_000
"""Of feeds, written in one transaction."""

_IN_FEEDS = (PostPublished, PostEdited, PostDeleted)
_AUTHOR = {"author_id": "bigint"}
_FOLLOWERS = (
    "SELECT c.user_id, c.followers FROM user_counts c WHERE c.user_id IN (SELECT author_id FROM given) "
    "AND c.followers <= $1"
)


async def that_fit(
    transaction: Queries, batch: Sequence[Happened[Event]], settings: Settings
) -> Sequence[Happened[Event]]:
    """As many of the first events as concern no more than `MOST_ENTRIES` feeds; one at least."""
    authors = {event.actor_id for event, *_ in batch if isinstance(event, _IN_FEEDS)}
    counted = await transaction.fetch_given(
        _FOLLOWERS, _AUTHOR, [(author,) for author in sorted(authors)], settings.push_followers
    )
    followers = {row["user_id"]: row["followers"] for row in counted}
    entries = 0
    for number, (event, *_) in enumerate(batch):
        entries += followers.get(event.actor_id, 0) if isinstance(event, _IN_FEEDS) else 0
        if entries > MOST_ENTRIES and number:
            return batch[:number]
    return batch
