"""Writes posts of several authors in one transaction, so that one process can represent many servers."""

from collections.abc import Sequence

from adapters.database import Queries
from events import PostPublished
from services.event_log.counts import CountChange, change_counts
from services.resources import Resources
from services.unit_of_work import unit_of_work

_POST = {"author_id": "bigint", "id": "bigint", "body": "text"}
_POSTS = (
    "INSERT INTO posts (author_id, id, body, created_at, pulled) SELECT author_id, id, body, $1, false FROM input_rows"
)
_ENTRIES = "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT author_id, id, author_id FROM input_rows"


async def publish_together(resources: Resources, authors: Sequence[int]) -> list[int]:
    """Writes the rows and events that `publish_post` writes for each. Returns the posts' ids in the authors' order."""
    posts = [(author, resources.ids.next(), "A post.") for author in authors]
    async with unit_of_work(resources) as work:
        transaction: Queries = await work.transaction()
        await transaction.fetch_with_rows(_POSTS, _POST, posts, resources.clock())
        await transaction.fetch_with_rows(_ENTRIES, _POST, posts)
        await change_counts(transaction, resources.ids, [CountChange(author, author, "posts", 1) for author in authors])
        for author, post_id, _ in posts:
            work.emit(PostPublished(actor_id=author, post_id=post_id))
    return [post_id for _, post_id, _ in posts]
