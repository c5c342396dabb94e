"""The types of notifications and their preferences."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from schema.cache_control import of_viewer
from schema.cost import of_size
from schema.feed import Comment, Post
from schema.payments import Payment
from schema.row import Node, Row, localized, node_id, related_of_any_type
from schema.users import User
from services.notifications.texts import text_of


@strawberry.enum(description="The kind of a notification. New kinds may be added; show `text` for unknown ones.")
class NotificationKind(Enum):
    """Its values are stored by name."""

    FOLLOW = strawberry.enum_value("FOLLOW", description="A user follows you.")
    LIKE = strawberry.enum_value("LIKE", description="A user likes a post of yours.")
    COMMENT = strawberry.enum_value("COMMENT", description="A user commented on a post of yours.")
    PAYMENT_RECEIVED = strawberry.enum_value("PAYMENT_RECEIVED", description="A user sent you a payment.")
    PAYMENT_FAILED = strawberry.enum_value("PAYMENT_FAILED", description="A payment of yours failed.")
    REFUND = strawberry.enum_value("REFUND", description="A payment of yours was refunded.")
    SECURITY = strawberry.enum_value(
        "SECURITY",
        description="A security event of your account: a new device signed in, the password was changed, a session may "
        "have been stolen, or a copy of your data was requested.",
    )


NotificationSubject = Annotated[
    Post | Comment | Payment | User,
    strawberry.union("NotificationSubject", description="The subject of a notification. New types may be added."),
]


@strawberry.type(description="A notification in the inbox of the signed-in user.", directives=[of_viewer()])
class Notification(Node):
    """Describes a `models.notifications.NotificationRow`."""

    id: strawberry.ID = node_id("Notification", owner="owner_id")
    kind: NotificationKind = strawberry.field(description="The kind of the notification.")
    text: str = localized(
        text_of,
        reads=("kind", "cause", "actor_count", "actor__id", "actor__name"),
        description="A sentence for the user, in the language of the device's `locale`, else in one of the header "
        "Accept-Language, else in English. Names are enclosed in U+2068 and U+2069 where the direction requires it.",
    )
    created_at: datetime = strawberry.field(
        description="Time of the latest event. Notifications are ordered by their first event."
    )
    seen_at: datetime | None = strawberry.field(
        description="Time at which it was first shown in the inbox; null if it was not."
    )
    read_at: datetime | None = strawberry.field(description="Time at which it was opened; null if it was not.")
    actor: User | None = strawberry.field(
        description="The user who caused it, the latest if there are several; null if there is none "
        "or the user is not visible."
    )
    actor_count: int = strawberry.field(
        description="Number of different visible users who caused it. Follows, likes of a post and comments on a post "
        "share a notification until it is seen or archived."
    )
    subject: NotificationSubject | None = related_of_any_type(
        "subject",
        description="The subject, that of the latest event if there are several; null if there is none, or it was "
        "deleted or is not visible.",
    )


@strawberry.type(description="The counts for the badge.")
class NotificationCounts(Row):
    """Describes a `models.notifications.NotificationCountsRow`."""

    unseen: int = strawberry.field(description="Number of notifications that were not shown in the inbox.")
    unread: int = strawberry.field(description="Number of notifications that were not opened.")


@strawberry.type(description="The hours without push notifications.")
class QuietHours(Row):
    """Describes a `models.notifications.QuietHoursRow`."""

    start: str = strawberry.field(description="Start, as HH:MM.")
    end: str = strawberry.field(description="End, as HH:MM; before `start` if the hours span midnight.")
    time_zone: str = strawberry.field(description="The IANA time zone of the hours, such as `Europe/Lisbon`.")


@strawberry.type(description="The channels for one kind of notification.")
class ChannelPreference(Row):
    """Describes a `models.notifications.ChannelPreferenceRow`."""

    kind: NotificationKind = strawberry.field(description="The kind of notification.")
    in_app: bool = strawberry.field(description="Whether it is shown in the inbox.")
    push: bool = strawberry.field(description="Whether it is sent as a push notification, outside the quiet hours.")
    email: bool = strawberry.field(description="Whether it is sent by e-mail.")


@strawberry.enum(description="How often notifications are sent by e-mail.")
class EmailFrequency(Enum):
    """Its values are stored by name."""

    IMMEDIATE = strawberry.enum_value("IMMEDIATE", description="An e-mail for each notification, at once.")
    DAILY = strawberry.enum_value(
        "DAILY",
        description="One e-mail at 08:00 of each day with the notifications that were not seen, in the time zone of "
        "the quiet hours, else in UTC. SECURITY and PAYMENT_FAILED are sent at once.",
    )
    WEEKLY = strawberry.enum_value("WEEKLY", description="As DAILY, but at 08:00 of each Monday.")


@strawberry.type(description="The notification preferences of the signed-in user.")
class NotificationPreferences(Row):
    """Describes a `models.notifications.NotificationPreferencesRow`."""

    quiet_hours: QuietHours | None = strawberry.field(
        description="The hours without push notifications; null if there are none."
    )
    email_frequency: EmailFrequency = strawberry.field(
        description="How often the kinds with the channel e-mail are sent; IMMEDIATE if the user has not chosen."
    )
    channels: list[ChannelPreference] = strawberry.field(
        directives=[of_size(len(NotificationKind))], description="The channels of every kind of notification."
    )


@strawberry.input(description="A filter of notifications; omitted fields do not filter.")
class NotificationFilter:
    """Read by `services.notifications.InboxFilter`."""

    unread_only: bool | None = strawberry.field(default=None, description="Only notifications that were not opened.")
    kinds: list[NotificationKind] | None = strawberry.field(
        default=None, description="Only these kinds; an empty list means all."
    )
