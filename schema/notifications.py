"""Notifications."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from models.notifications import NotificationRow
from schema.feed import Comment, Post
from schema.payments import Payment
from schema.row import Node, Row, derived, edge_to_any, node_id
from schema.users import User


@strawberry.enum(description="What happened. New kinds may join; an app shows `text` for those it does not know.")
class NotificationKind(Enum):
    """Stored by name."""

    FOLLOW = strawberry.enum_value("FOLLOW", description="Somebody follows you.")
    LIKE = strawberry.enum_value("LIKE", description="Somebody likes a post of yours.")
    COMMENT = strawberry.enum_value("COMMENT", description="Somebody commented on a post of yours.")
    PAYMENT_RECEIVED = strawberry.enum_value("PAYMENT_RECEIVED", description="Somebody paid you.")
    PAYMENT_FAILED = strawberry.enum_value("PAYMENT_FAILED", description="A payment of yours did not go through.")
    REFUND = strawberry.enum_value("REFUND", description="A payment of yours was refunded.")
    SECURITY = strawberry.enum_value("SECURITY", description="Something about your account's safety.")


_TEXTS = {
    "FOLLOW": "{who} started following you.",
    "LIKE": "{who} liked your post.",
    "COMMENT": "{who} commented on your post.",
    "PAYMENT_RECEIVED": "{who} sent you a payment.",
    "PAYMENT_FAILED": "Your payment did not go through.",
    "REFUND": "{who} refunded your payment.",
    "SECURITY": "A new device signed in to your account.",
}


def _text(notification: NotificationRow) -> str:
    actor, others = notification["actor"], notification["actor_count"] - 1
    who = actor["name"] if actor else "Someone"
    if others > 0:
        who += f" and {others} {'other' if others == 1 else 'others'}"
    return _TEXTS[notification["kind"]].format(who=who)


NotificationSubject = Annotated[
    Post | Comment | Payment | User,
    strawberry.union("NotificationSubject", description="What a notification is about. New types may join."),
]


@strawberry.type(description="One line of the signed-in person's inbox.")
class Notification(Node):
    """Rows: `models.notifications.NotificationRow`."""

    id: strawberry.ID = node_id("Notification", owner="owner_id")
    kind: NotificationKind = strawberry.field(description="What happened.")
    text: str = derived(_text, description="One sentence that says it, ready to be shown. In English.")
    created_at: datetime = strawberry.field(description="When it happened last.")
    seen_at: datetime | None = strawberry.field(description="When it was first shown in the inbox; null if not yet.")
    read_at: datetime | None = strawberry.field(description="When it was opened; null if not yet.")
    actor: User | None = strawberry.field(
        description="Who did it, the latest if several; null when nobody did or they cannot be shown."
    )
    actor_count: int = strawberry.field(description="How many people did it.")
    subject: NotificationSubject | None = edge_to_any(
        "subject", description="What it is about; null when it is gone or cannot be shown."
    )


@strawberry.type(description="The numbers on the badge.")
class NotificationCounts(Row):
    """Rows: `models.notifications.NotificationCountsRow`."""

    unseen: int = strawberry.field(description="Not yet shown in the inbox.")
    unread: int = strawberry.field(description="Not yet opened.")


@strawberry.type(description="Hours in which no push notification is sent.")
class QuietHours(Row):
    """Rows: `models.notifications.QuietHoursRow`."""

    start: str = strawberry.field(description="When they begin, as HH:MM.")
    end: str = strawberry.field(description="When they end, as HH:MM; before `start` when they last over midnight.")
    time_zone: str = strawberry.field(description="The IANA time zone in which they are meant, like `Europe/Lisbon`.")


@strawberry.type(description="Where the signed-in person is told of one kind of thing.")
class ChannelPreference(Row):
    """Rows: `models.notifications.ChannelPreferenceRow`."""

    kind: NotificationKind = strawberry.field(description="The kind of thing.")
    in_app: bool = strawberry.field(description="In the inbox.")
    push: bool = strawberry.field(description="By push notification, outside the quiet hours.")
    email: bool = strawberry.field(description="By e-mail.")


@strawberry.type(description="How the signed-in person wants to be told of things.")
class NotificationPreferences(Row):
    """Rows: `models.notifications.NotificationPreferencesRow`."""

    quiet_hours: QuietHours | None = strawberry.field(description="When not to push; null when at any hour.")
    channels: list[ChannelPreference] = strawberry.field(description="One for every kind of thing.")


@strawberry.input(description="Which notifications to return; what is left out does not matter.")
class NotificationFilter:
    """Read by `services.notifications.InboxFilter`."""

    unread_only: bool | None = strawberry.field(default=None, description="Only those that were not opened yet.")
    kinds: list[NotificationKind] | None = strawberry.field(
        default=None, description="Only of these kinds; empty is all."
    )
