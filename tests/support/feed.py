"""Sends the feed operations of apps."""

from functools import cache
from typing import Any, NamedTuple

from core.global_ids import global_id, read_global_id
from tests.support.client import Client, operation

MUTATIONS = (
    "PublishPost",
    "EditPost",
    "DeletePost",
    "AddComment",
    "DeleteComment",
    "LikePost",
    "UnlikePost",
    "FollowUser",
    "UnfollowUser",
    "BlockUser",
    "UnblockUser",
)


class Thing(NamedTuple):
    """Holds the global id and the row id of an object."""

    id: str
    owner_id: int
    row_id: int


@cache
def document(name: str) -> str:
    """Returns the document of a feed operation."""
    return operation("feed.graphql", name)


def field_of(name: str) -> str:
    return name[0].lower() + name[1:]


async def act(client: Client, name: str, as_: str, **sent: Any) -> dict[str, Any]:
    """Returns the result of a mutation for a user."""
    return (await client.data(document(name), {"input": sent}, as_=as_))[field_of(name)]


def problem(typename: str, code: str, message: str, field: str) -> dict[str, Any]:
    return {"__typename": typename, "code": code, "message": message, "field": f"input.{field}"}


def thing(global_id_: str) -> Thing:
    found = read_global_id(global_id_, "id")
    return Thing(global_id_, found.owner_id, found.id)


async def person(client: Client, handle: str) -> Thing:
    user_id = await client.user_id(handle)
    return Thing(global_id("User", user_id, user_id), user_id, user_id)


async def post_of(client: Client, author: str, *, unliked_by: str = "ana") -> Thing:
    """Returns the newest seeded post with likes and comments that a user does not like."""
    author_id, reader = await client.user_id(author), await client.user_id(unliked_by)
    (row,) = await client.resources.database.fetch(
        "SELECT p.id FROM posts p JOIN post_counts c ON c.author_id = p.author_id AND c.post_id = p.id "
        "WHERE p.author_id = $1 AND c.likes > 0 AND c.comments > 0 AND NOT EXISTS (SELECT 1 FROM likes l "
        "WHERE l.owner_id = $1 AND l.post_id = p.id AND l.user_id = $2) ORDER BY p.id DESC LIMIT 1",
        author_id,
        reader,
    )
    return Thing(global_id("Post", author_id, row["id"]), author_id, row["id"])


async def publish(client: Client, author: str, body: str = "A post") -> Thing:
    answer = await act(client, "PublishPost", author, body=body)
    return thing(answer["post"]["id"])


async def comment(client: Client, author: str, post: Thing, body: str = "A comment") -> Thing:
    answer = await act(client, "AddComment", author, postId=post.id, body=body)
    return thing(answer["comment"]["id"])


async def feed_of(client: Client, reader: str) -> list[str]:
    """Returns the ids of the posts on the first page of a user's feed, with the maximum size."""
    viewer = (await client.data(document("FeedPage"), {"first": 100}, as_=reader))["viewer"]
    return [edge["node"]["id"] for edge in viewer["feed"]["edges"]]


async def authors_in_feed_of(client: Client, reader: str) -> set[str]:
    viewer = (await client.data(document("FeedPage"), {"first": 100}, as_=reader))["viewer"]
    return {edge["node"]["author"]["handle"] for edge in viewer["feed"]["edges"]}


async def thread(client: Client, post: Thing, reader: str | None) -> Any:
    """Returns a post with its comments as a user reads it, or None if the user may not read it."""
    return (await client.data(document("Thread"), {"postId": post.id, "first": 100}, as_=reader))["node"]


async def profile(client: Client, handle: str, reader: str | None) -> Any:
    return (await client.data(document("Profile"), {"handle": handle, "first": 100}, as_=reader))["user"]


async def counts(client: Client, handle: str) -> tuple[int, int, int]:
    """Returns a user's follower, following and post counts, read anonymously."""
    found = await profile(client, handle, None)
    return found["followerCount"], found["followingCount"], found["postCount"]
