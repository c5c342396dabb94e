"""Resolvers of the viewer's notifications."""

from typing import Annotated

import strawberry

from core.features import Feature
from core.paging import DEFAULT_FIRST, Page
from models.notifications import NotificationCountsRow, NotificationPreferencesRow, NotificationRow
from schema.connections import Connection
from schema.context import Info
from schema.cost import paged
from schema.notifications import Notification, NotificationCounts, NotificationFilter, NotificationPreferences
from schema.row import After, First, Row, selected_columns
from services import notifications

Filter = Annotated[
    NotificationFilter | None, strawberry.argument(description="A filter; without it, all notifications are returned.")
]


@strawberry.type
class NotificationsViewerFields(Row):
    """The viewer's notifications, counts and preferences."""

    @strawberry.field(graphql_type=NotificationCounts | None, description="The notification counts for the badge.")
    async def notification_counts(self, info: Info) -> NotificationCountsRow | None:
        columns = selected_columns(info, "NotificationCounts")
        (own,) = await info.context.loaders.load_level("own_by_id", [info.context.signed_in.user_id], columns)
        return own

    @strawberry.field(
        graphql_type=Connection[Notification] | None,
        directives=[paged()],
        description="The inbox of the signed-in user, newest first.",
    )
    async def notifications(
        self,
        info: Info,
        first: First = DEFAULT_FIRST,
        after: After = None,
        filter: Filter = None,  # noqa: A002 - the apps' name
    ) -> Page[NotificationRow]:
        context, selection = info.context, _read(filter)
        page_request = context.own_page(f"Viewer.notifications:{selection.name}", first, after)
        database, columns = context.database_of(Feature.NOTIFICATIONS), selected_columns(info, "Notification")
        return await notifications.inbox(context.signed_in, database, page_request, selection, columns)

    @strawberry.field(
        graphql_type=NotificationPreferences | None, description="The notification preferences of the signed-in user."
    )
    async def notification_preferences(self, info: Info) -> NotificationPreferencesRow:
        return await notifications.notification_preferences(
            info.context.signed_in, info.context.database_of(Feature.NOTIFICATIONS)
        )


def _read(given: NotificationFilter | None) -> notifications.InboxFilter:
    if given is None:
        return notifications.InboxFilter()
    return notifications.InboxFilter(bool(given.unread_only), frozenset(kind.name for kind in given.kinds or ()))
