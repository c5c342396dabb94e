"""The types of live updates: payloads, events, and pages of changes."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from core.features import Feature
from engine import Column
from schema.context import Info
from schema.feed import Comment, Post
from schema.notification_counts import WithCounts
from schema.notifications import Notification
from schema.payments import Payment, Wallet
from schema.row import Node, Row, node_id, related, selected_columns
from services import payments

_SUBJECT = ("owner_id", "id")
_CURSOR = "Cursor after this event. Send it as `after` to resume."


@strawberry.enum(description="The reason why a stream cannot be continued.")
class StreamResetReason(Enum):
    """Its values are those of `services.live.events.ResetReason`."""

    TOO_OLD = strawberry.enum_value(
        "TOO_OLD", description="Events after the cursor were deleted: they were too old, or too many are newer."
    )
    EPOCH_CHANGED = strawberry.enum_value(
        "EPOCH_CHANGED", description="The stream has begun anew, for example after a backup was restored."
    )
    UNKNOWN_EVENT = strawberry.enum_value(
        "UNKNOWN_EVENT",
        description="An event has a type that this server does not know. A newer release has written it.",
    )


def _current_post() -> Any:
    """Returns the field for the post that is the subject of an event."""
    return related(
        "post_by_id", key=_SUBJECT, description="The post as it is now; null if it was deleted or is not visible."
    )


@strawberry.type(
    description="A new notification in the inbox, or one that more users have caused since. Of the latter at most one "
    "per second and notification."
)
class NotificationReceived(WithCounts):
    """Describes a `services.live.events.EventRow`, like all events."""

    notification: Notification | None = related(
        "notification_by_id",
        key=_SUBJECT,
        description="The notification as it is now; null if it was archived or is not visible.",
    )


@strawberry.type(description="The counts for the badge changed. At most one per second, with the latest values.")
class NotificationCountsChanged(WithCounts):
    """The counts of the viewer."""


@strawberry.type(description="A new post in the feed.")
class FeedPostPublished(Row):
    """The subject is the post."""

    post: Post | None = _current_post()


@strawberry.type(description="A post in the feed was edited.")
class FeedPostChanged(Row):
    """The subject is the post."""

    post: Post | None = _current_post()


@strawberry.type(description="A post was removed from the feed.")
class FeedPostRemoved(Row):
    """The subject is the post."""

    post_id: strawberry.ID = node_id("Post", owner="owner_id", description="The id of the post.")


@strawberry.type(description="Many posts entered or left the feed. Read the feed again.")
class FeedReset(Row):
    """The subject is the viewer."""

    cause: str = strawberry.field(
        description="The reason: `FOLLOW`, `UNFOLLOW`, `FOLLOW_ENDED`, or `RETURN` from an absence. Others may follow."
    )


@strawberry.type(description="A payment of the viewer changed its state.")
class PaymentChanged(Row):
    """The subject is the payment."""

    payment: Payment | None = related("payment_by_id", key=_SUBJECT, description="The payment as it is now.")

    @strawberry.field(
        graphql_type=Wallet | None, description="The wallet of the viewer as it is now; null if there is none."
    )
    async def wallet(self, info: Info) -> Any:
        context, columns = info.context, selected_columns(info, "Wallet")
        return await payments.find_wallet(context.signed_in, context.database_of(Feature.PAYMENTS), columns)


@strawberry.type(description="A device of the viewer was signed out.")
class DeviceRevoked(Row):
    """The subject is the device."""

    device_id: strawberry.ID = node_id("Device", owner="owner_id", description="The id of the device.")


@strawberry.type(description="The post was edited, or its counts changed. New counts are sent at most once per second.")
class PostChanged(Row):
    """The subject is the post."""

    post: Post | None = _current_post()


@strawberry.type(name="CommentAdded", description="A new comment on the post.")
class NewComment(Row):
    """The subject is the comment."""

    comment: Comment | None = related(
        "comment_by_id", key=_SUBJECT, description="The comment; null if it was deleted or is not visible."
    )


@strawberry.type(description="A comment on the post was deleted.")
class CommentRemoved(Row):
    """The subject is the comment."""

    comment_id: strawberry.ID = node_id("Comment", owner="owner_id", description="The id of the comment.")


@strawberry.type(description="The post was deleted.")
class PostRemoved(Row):
    """The subject is the post."""

    post_id: strawberry.ID = node_id("Post", owner="owner_id", description="The id of the post.")


@strawberry.type(
    description="Events may be missing before this one. Read the data of the screen again; the events that follow "
    "continue from the cursor of this payload."
)
class StreamReset(Row):
    """Says why events may be missing."""

    reason: StreamResetReason = strawberry.field(description="The reason.")


ViewerEvent = Annotated[
    NotificationReceived
    | NotificationCountsChanged
    | FeedPostPublished
    | FeedPostChanged
    | FeedPostRemoved
    | FeedReset
    | PaymentChanged
    | DeviceRevoked
    | StreamReset,
    strawberry.union("ViewerEvent", description="An event of the viewer's stream. New types may be added."),
]

PostEvent = Annotated[
    PostChanged | NewComment | CommentRemoved | PostRemoved | StreamReset,
    strawberry.union("PostEvent", description="An event of a post's stream. New types may be added."),
]


@strawberry.type(description="One event of the viewer's stream.")
class ViewerEventPayload(Row):
    """Describes a `services.live.events.PayloadRow`."""

    cursor: str = strawberry.field(description=_CURSOR)
    occurred_at: datetime = strawberry.field(description="Time of the event.")
    event: ViewerEvent = strawberry.field(description="The event.")


@strawberry.type(description="One event of a post's stream.")
class PostEventPayload(Row):
    """Describes a `services.live.events.PayloadRow`."""

    cursor: str = strawberry.field(description=_CURSOR)
    occurred_at: datetime = strawberry.field(description="Time of the event.")
    event: PostEvent = strawberry.field(description="The event.")


@strawberry.type(description="An object that is new or that changed.")
class NodeChanged(Row):
    """The row contains the node."""

    node: Node | None = strawberry.field(
        description="The object as it is now.", metadata={"engine": Column("node", contains_rows=True)}
    )


@strawberry.type(description="An object that was deleted, or that the viewer does not see any more.")
class NodeDeleted(Row):
    """The row contains the id."""

    node_id: strawberry.ID = strawberry.field(description="The id of the object.")


SyncChange = Annotated[
    NodeChanged | NodeDeleted,
    strawberry.union("SyncChange", description="A change of one object."),
]


@strawberry.type(description="What changed for the viewer since a cursor.")
class SyncPage(Row):
    """Describes a `services.live.ChangesPage`."""

    cursor: str = strawberry.field(description="Cursor after these changes, for the next `since` and for `after`.")
    has_more: bool = strawberry.field(description="Whether more changes follow. Call again with the cursor.")
    reset: bool = strawberry.field(
        description="Whether changes cannot be listed: drop the stored data, read it again, continue after the cursor."
    )
    changes: list[SyncChange] = strawberry.field(
        description="The changes, at most one per object, oldest first.",
        metadata={"engine": Column("changes", contains_rows=True)},
    )
