"""The measured operations. Each user has values of their own."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.operations import Operation, app_operations, body, home_screen
from bench.world import BenchError, World, connected
from core.global_ids import global_id
from core.words import words

TITLES = {
    "typename": "`{__typename}`",
    "handle": "`{viewer{user{handle}}}`",
    "node": "one `node`",
    "home": "Home",
    "search": "Search",
    "thread": "Thread",
}
"""The operations by their names in the command, with their titles."""

_NODE = (
    "query Node($id: ID!) { node(id: $id) { __typename id "
    "... on Post { body createdAt likeCount commentCount author { id handle } } } }"
)
_POSTS = (
    "SELECT p.author_id, p.id, p.body, u.handle FROM ("
    "SELECT n.author_id, n.id, n.body, (SELECT COUNT(*) FROM comments k WHERE k.owner_id = n.author_id "
    "AND k.post_id = n.id) AS comments FROM feed_entries e "
    "JOIN posts n ON n.author_id = e.author_id AND n.id = e.post_id "
    "WHERE e.owner_id = $1 AND n.deleted_at IS NULL ORDER BY e.post_id DESC LIMIT 20"
    ") p JOIN users u ON u.id = p.author_id ORDER BY p.comments DESC, p.id DESC"
)
"""The newest posts of a user's feed, those with the most comments first."""
_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a user's requests: a post of their feed, and a search string."""

    post_id: str
    query: str


async def read_asked(world: World) -> list[Asked]:
    """Returns what the users ask for. Their feeds may not be empty.

    The post is the one with the most comments among the newest. Half of the users search its longest word, the others
    the beginning of its author's handle.
    """
    async with connected(world.url) as connection:
        posts = [await connection.fetchrow(_POSTS, caller) for caller in world.callers]
    if None in posts:
        raise BenchError(f"some of the {len(posts)} users have an empty feed")
    return [
        Asked(global_id("Post", post["author_id"], post["id"]), _query(post, of_words=place % 2 == 0))
        for place, post in enumerate(posts)
    ]


def _query(post: Mapping[str, Any], *, of_words: bool) -> str:
    found = [word for word in words(post["body"]) if word.isascii()]
    return max(found, key=len) if of_words and found else post["handle"][:_PREFIX]


def operations(world: World) -> Mapping[str, Operation]:
    """Returns the operations by their names in the command."""
    return operations_of(asyncio.run(read_asked(world)))


def operations_of(asked: Sequence[Asked]) -> Mapping[str, Operation]:
    feed = app_operations("feed.graphql")
    return {
        "typename": Operation((body("{__typename}"),), '"__typename":"Query"'),
        "handle": Operation((body("{viewer{user{handle}}}"),), '"handle":"'),
        "node": Operation(tuple(body(_NODE, "Node", {"id": each.post_id}) for each in asked), '"__typename":"Post"'),
        "home": home_screen(),
        "search": Operation(tuple(body(feed, "Search", {"query": each.query}) for each in asked), '"edges":[{'),
        "thread": Operation(
            tuple(body(feed, "Thread", {"postId": each.post_id}) for each in asked), '"__typename":"Post"'
        ),
    }
