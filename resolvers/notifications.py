"""The viewer's inbox."""

import strawberry

from core.paging import DEFAULT_FIRST, Page
from models.notifications import NotificationCountsRow, NotificationRow
from schema.connections import Connection
from schema.context import Info
from schema.notifications import Notification, NotificationCounts
from schema.row import After, First, Row
from services import notifications


@strawberry.type
class NotificationsOfViewer(Row):
    """What the viewer is told."""

    @strawberry.field(graphql_type=NotificationCounts | None, description="The numbers on the badge.")
    async def notification_counts(self, info: Info) -> NotificationCountsRow:
        return await notifications.notification_counts(info.context.signed_in, info.context.database)

    @strawberry.field(
        graphql_type=Connection[Notification] | None, description="The signed-in person's inbox, newest first."
    )
    async def notifications(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Page[NotificationRow]:
        context = info.context
        wanted = context.own_page("Viewer.notifications", first, after)
        return await notifications.inbox(context.signed_in, context.database, wanted)
