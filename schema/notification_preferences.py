"""Input and result of changing the notification preferences."""

from typing import Annotated

import strawberry

from schema.notifications import EmailFrequency, NotificationKind, NotificationPreferences
from schema.problems import InvalidInputProblem
from schema.row import Row


@strawberry.input(description="The channels for one kind of notification.")
class ChannelPreferenceInput:
    """Checked by `services.notifications`."""

    kind: NotificationKind = strawberry.field(description="The kind of notification.")
    in_app: bool = strawberry.field(
        description="Whether it is shown in the inbox; true for SECURITY and PAYMENT_FAILED. What is not in the "
        "inbox is not pushed or mailed either."
    )
    push: bool = strawberry.field(
        description="Whether it is sent as a push notification, outside the quiet hours; true for SECURITY and "
        "PAYMENT_FAILED."
    )
    email: bool = strawberry.field(description="Whether it is sent by e-mail.")


@strawberry.input(description="The hours without push notifications.")
class QuietHoursInput:
    """Checked by `services.notifications`."""

    start: str = strawberry.field(description="Start, as HH:MM, from 00:00 to 23:59.")
    end: str = strawberry.field(
        description="End, as HH:MM; before `start` if the hours span midnight, and never equal to it."
    )
    time_zone: str = strawberry.field(description="The IANA time zone of the hours, such as `Europe/Lisbon`.")


@strawberry.input(description="The changes of the preferences; omitted fields are unchanged.")
class UpdateNotificationPreferencesInput:
    """Checked by `services.notifications`."""

    channels: list[ChannelPreferenceInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The channels of some kinds, each kind once; those of other kinds are unchanged.",
    )
    quiet_hours: QuietHoursInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="The hours without push notifications; null for none, unchanged if omitted.",
    )
    email_frequency: EmailFrequency | None = strawberry.field(
        default=strawberry.UNSET, description="How often e-mails are sent; unchanged if it is null."
    )


@strawberry.type(description="The preferences are stored, by this or an earlier request.")
class UpdateNotificationPreferencesSuccess(Row):
    """Describes a `services.notifications.changed_preferences.UpdateNotificationPreferencesSuccessRow`."""

    preferences: NotificationPreferences = strawberry.field(description="All preferences.")


UpdateNotificationPreferencesResult = Annotated[
    UpdateNotificationPreferencesSuccess | InvalidInputProblem,
    strawberry.union("UpdateNotificationPreferencesResult", description="The preferences, or a problem."),
]
