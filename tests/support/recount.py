"""Counts as the API shows them, and the same counted anew in the tables."""

from typing import Any

from core.global_ids import global_id
from tests.support.client import Client

Counts = dict[str, tuple[int, ...]]
"""The counts by global id: likes and comments of posts; followers, following and posts of users."""

_SHOWN = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on Post { likeCount commentCount }
    ... on User { followerCount followingCount postCount }
  }
}
"""
_POSTS = """
SELECT p.author_id, p.id,
  (SELECT COUNT(*) FROM likes l WHERE l.owner_id = p.author_id AND l.post_id = p.id) AS likes,
  (SELECT COUNT(*) FROM comments c WHERE c.owner_id = p.author_id AND c.post_id = p.id AND c.deleted_at IS NULL)
    AS comments
FROM posts p WHERE p.deleted_at IS NULL
"""
_PEOPLE = """
SELECT u.id,
  (SELECT COUNT(*) FROM follows f WHERE f.followee_id = u.id) AS followers,
  (SELECT COUNT(*) FROM follows f WHERE f.owner_id = u.id) AS following,
  (SELECT COUNT(*) FROM posts p WHERE p.author_id = u.id AND p.deleted_at IS NULL) AS posts
FROM users u
"""
_AT_ONCE = 100


async def recounted(client: Client) -> Counts:
    """Returns the counts of all posts and users, counted from rows."""
    fetch = client.resources.database.fetch
    posts = {global_id("Post", row["author_id"], row["id"]): _values(row, 2) for row in await fetch(_POSTS)}
    return posts | {global_id("User", row["id"], row["id"]): _values(row, 1) for row in await fetch(_PEOPLE)}


async def shown(client: Client, ids: list[str]) -> Counts:
    """Returns the counts as an anonymous caller reads them."""
    found: Counts = {}
    for start in range(0, len(ids), _AT_ONCE):
        nodes = (await client.data(_SHOWN, {"ids": ids[start : start + _AT_ONCE]}))["nodes"]
        found |= {node["id"]: _values(node, 1) for node in nodes}
    return found


def _values(row: dict[str, Any], behind: int) -> tuple[int, ...]:
    return tuple(row.values())[behind:]
