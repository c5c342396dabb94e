"""Sends the feed operations of apps."""

from typing import Any

from core.global_ids import GlobalId, global_id, read_global_id
from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import StreamEntry, read_streams
from tests.support.client import Client, operation

FIELDS = {
    "PublishPost": "publishPost",
    "EditPost": "editPost",
    "DeletePost": "deletePost",
    "AddComment": "addComment",
    "DeleteComment": "deleteComment",
    "LikePost": "likePost",
    "UnlikePost": "unlikePost",
    "FollowUser": "followUser",
    "UnfollowUser": "unfollowUser",
    "BlockUser": "blockUser",
    "UnblockUser": "unblockUser",
}


class App:
    """Acts as the app of a user. Each method sends an app's operation and expects success."""

    def __init__(self, client: Client, handle: str) -> None:
        self.client = client
        self.handle = handle

    async def does(self, name: str, **given: Any) -> dict[str, Any]:
        answer = (await self.client.data(operation("feed.graphql", name), {"input": given}, as_=self.handle))[
            FIELDS[name]
        ]
        assert answer["__typename"] == f"{name}Success", answer
        return answer

    async def publishes(self, body: str = "Hello") -> str:
        return (await self.does("PublishPost", body=body))["post"]["id"]

    async def comments(self, post_id: str, body: str = "Nice") -> str:
        return (await self.does("AddComment", postId=post_id, body=body))["comment"]["id"]

    async def user_id(self) -> int:
        return await self.client.user_id(self.handle)

    async def global_id(self) -> str:
        user_id = await self.user_id()
        return global_id("User", user_id, user_id)

    async def feed(self, first: int = 100) -> list[str]:
        """Returns the ids of the posts of the home feed."""
        query = "query ($first: Int) { viewer { feed(first: $first) { edges { node { id } } } } }"
        viewer = (await self.client.data(query, {"first": first}, as_=self.handle))["viewer"]
        return [edge["node"]["id"] for edge in viewer["feed"]["edges"]]

    async def told(self, count: int = 20) -> list[tuple[str, str]]:
        """Returns the kinds and texts of the newest notifications."""
        query = "query ($first: Int) { viewer { notifications(first: $first) { edges { node { kind text } } } } }"
        viewer = (await self.client.data(query, {"first": count}, as_=self.handle))["viewer"]
        nodes = [edge["node"] for edge in viewer["notifications"]["edges"]]
        return [(node["kind"], node["text"]) for node in nodes]

    async def badge(self) -> tuple[int, int]:
        counts = (await self.client.data("{ viewer { notificationCounts { unseen unread } } }", as_=self.handle))[
            "viewer"
        ]["notificationCounts"]
        return counts["unseen"], counts["unread"]


def ids_of(text: str) -> GlobalId:
    return read_global_id(text, "id")


def key_of(text: str) -> RowKey:
    """Returns the owner and id of a global id, such as that of a post's stream."""
    found = ids_of(text)
    return RowKey(found.owner_id, found.id)


async def stream_of(client: Client, stream: RowKey) -> list[StreamEntry]:
    """Returns all entries of a stream."""
    pages = await read_streams(client.resources.database, [(stream, 0)], 10_000)
    return pages[stream].entries if stream in pages else []
