"""Mutations of the viewer's notifications."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
from schema.notification_marks import (
    ArchiveNotificationInput,
    ArchiveNotificationResult,
    MarkAllNotificationsReadInput,
    MarkAllNotificationsReadResult,
    MarkNotificationReadInput,
    MarkNotificationReadResult,
    MarkNotificationsSeenInput,
    MarkNotificationsSeenResult,
)
from services import notifications

UpTo = strawberry.argument(description="The newest of the notifications.")
One = strawberry.argument(description="The notification.")


@strawberry.type
class NotificationMutations:
    """Mutations that mark and archive notifications. A malformed id is a problem of the input."""

    @strawberry.mutation(
        graphql_type=MarkNotificationsSeenResult | None,
        directives=[weighted(WRITE)],
        description="Marks notifications as seen, up to one of them. Repeating it changes nothing.",
    )
    async def mark_notifications_seen(
        self,
        info: Info,
        input: Annotated[MarkNotificationsSeenInput, UpTo],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.NOTIFICATIONS)
        return await mutate(info, resources, lambda work: notifications.mark_seen(viewer, work, resources, input.up_to))

    @strawberry.mutation(
        graphql_type=MarkAllNotificationsReadResult | None,
        directives=[weighted(WRITE)],
        description="Marks notifications as read and seen, up to one of them. Repeating it changes nothing.",
    )
    async def mark_all_notifications_read(
        self,
        info: Info,
        input: Annotated[MarkAllNotificationsReadInput, UpTo],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.NOTIFICATIONS)
        return await mutate(
            info, resources, lambda work: notifications.mark_all_read(viewer, work, resources, input.up_to)
        )

    @strawberry.mutation(
        graphql_type=MarkNotificationReadResult | None,
        directives=[weighted(WRITE)],
        description="Marks a notification as read and seen. Repeating it changes nothing.",
    )
    async def mark_notification_read(
        self,
        info: Info,
        input: Annotated[MarkNotificationReadInput, One],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.NOTIFICATIONS)
        return await mutate(
            info, resources, lambda work: notifications.mark_read(viewer, work, resources, input.notification_id)
        )

    @strawberry.mutation(
        graphql_type=ArchiveNotificationResult | None,
        directives=[weighted(WRITE)],
        description="Removes a notification from the inbox and from the counts. Repeating it changes nothing.",
    )
    async def archive_notification(
        self,
        info: Info,
        input: Annotated[ArchiveNotificationInput, One],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.NOTIFICATIONS)
        return await mutate(
            info, resources, lambda work: notifications.archive(viewer, work, resources, input.notification_id)
        )
