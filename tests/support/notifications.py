"""Reads and changes inboxes."""

from typing import Any, NamedTuple

from services.event_log.event_streams import RowKey, StreamEventKind
from tests.support.app import App, stream_of
from tests.support.client import Client
from tests.support.world import change

INBOX = """{ viewer { notifications(first: 50) { edges { node {
  id kind text actorCount createdAt actor { handle }
  subject { ... on Post { id } ... on Comment { id } ... on User { handle } ... on Payment { id } }
} } } } }"""


class Shown(NamedTuple):
    """A notification in an inbox: its kind, the handle of its actor, the number of actors, and its subject."""

    kind: str
    actor: str | None
    actors: int
    subject: str | None


async def nodes(client: Client, handle: str) -> list[dict[str, Any]]:
    """Returns the notifications of a user, newest first."""
    viewer = (await client.data(INBOX, as_=handle))["viewer"]
    return [edge["node"] for edge in viewer["notifications"]["edges"]]


async def shown(client: Client, handle: str) -> list[Shown]:
    """Returns the notifications of a user, newest first, with the id or the handle of each subject."""
    return [
        Shown(
            node["kind"],
            node["actor"] and node["actor"]["handle"],
            node["actorCount"],
            node["subject"] and next(iter(node["subject"].values())),
        )
        for node in await nodes(client, handle)
    ]


async def empty_inboxes(client: Client) -> None:
    """Deletes all notifications, their marks and their counts."""
    tables = ("notifications", "notification_facts", "notification_groups", "notification_counts", "inbox_marks")
    for table in tables:
        await change(client.resources, f"DELETE FROM {table}")


async def set_seen(client: Client, handle: str) -> None:
    """Marks all notifications of a user as seen."""
    user_id, now = await client.user_id(handle), client.resources.clock()
    await change(client.resources, "UPDATE notifications SET seen_at = $2 WHERE owner_id = $1", user_id, now)
    await change(client.resources, "UPDATE notification_counts SET unseen = 0 WHERE owner_id = $1", user_id)


async def received(client: Client, handle: str) -> list[int]:
    """Returns the row ids of the notifications in the stream of a user, in order."""
    user_id = await App(client, handle).user_id()
    entries = await stream_of(client, RowKey(user_id, user_id))
    return [entry.subject.id for entry in entries if entry.kind is StreamEventKind.NOTIFICATION_RECEIVED]
