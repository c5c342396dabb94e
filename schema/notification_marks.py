"""Inputs and results of marking notifications and of archiving one."""

from typing import Annotated

import strawberry

from core.global_ids import id_writer
from schema.notification_counts import WithCounts
from schema.notifications import Notification
from schema.problems import InvalidInputProblem, NotFoundProblem
from schema.row import derived


@strawberry.input(description="The newest notification that was shown.")
class MarkNotificationsSeenInput:
    """Checked by `services.notifications`."""

    up_to: strawberry.ID = strawberry.field(
        description="The id of a notification of the signed-in user. It and all older ones become seen; one that "
        "arrives meanwhile stays unseen."
    )


@strawberry.input(description="The newest notification that becomes read.")
class MarkAllNotificationsReadInput:
    """Checked by `services.notifications`."""

    up_to: strawberry.ID = strawberry.field(
        description="The id of a notification of the signed-in user. It and all older ones become read; one that "
        "arrives meanwhile stays unread."
    )


@strawberry.input(description="A notification that was opened.")
class MarkNotificationReadInput:
    """Checked by `services.notifications`."""

    notification_id: strawberry.ID = strawberry.field(description="The id of a notification of the signed-in user.")


@strawberry.input(description="A notification to remove from the inbox.")
class ArchiveNotificationInput:
    """Checked by `services.notifications`."""

    notification_id: strawberry.ID = strawberry.field(description="The id of a notification of the signed-in user.")


@strawberry.type(description="The notifications are seen, by this or an earlier request.")
class MarkNotificationsSeenSuccess(WithCounts):
    """Describes a `services.notifications.marks.MarkNotificationsSeenSuccessRow`."""


@strawberry.type(description="The notifications are read, by this or an earlier request.")
class MarkAllNotificationsReadSuccess(WithCounts):
    """Describes a `services.notifications.marks.MarkAllNotificationsReadSuccessRow`."""


@strawberry.type(description="The notification is read, by this or an earlier request.")
class MarkNotificationReadSuccess(WithCounts):
    """Describes a `services.notifications.single.MarkNotificationReadSuccessRow`."""

    notification: Notification = strawberry.field(description="The notification, with the times of the first request.")


@strawberry.type(description="The notification is archived, by this or an earlier request.")
class ArchiveNotificationSuccess(WithCounts):
    """Describes a `services.notifications.single.ArchiveNotificationSuccessRow`."""

    notification_id: strawberry.ID = derived(
        id_writer("Notification", "owner_id"), description="Id of the notification. Remove it from every list."
    )


MarkNotificationsSeenResult = Annotated[
    MarkNotificationsSeenSuccess | InvalidInputProblem | NotFoundProblem,
    strawberry.union("MarkNotificationsSeenResult", description="The new counts, or a problem."),
]
MarkAllNotificationsReadResult = Annotated[
    MarkAllNotificationsReadSuccess | InvalidInputProblem | NotFoundProblem,
    strawberry.union("MarkAllNotificationsReadResult", description="The new counts, or a problem."),
]
MarkNotificationReadResult = Annotated[
    MarkNotificationReadSuccess | InvalidInputProblem | NotFoundProblem,
    strawberry.union("MarkNotificationReadResult", description="The notification, or a problem."),
]
ArchiveNotificationResult = Annotated[
    ArchiveNotificationSuccess | InvalidInputProblem | NotFoundProblem,
    strawberry.union("ArchiveNotificationResult", description="The id of the notification, or a problem."),
]
