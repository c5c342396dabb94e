"""The field `counts` of types that announce or change the badge."""

import strawberry

from core.errors import account_deleted
from models.notifications import NotificationCountsRow
from schema.context import Info
from schema.notifications import NotificationCounts
from schema.row import Row


@strawberry.type
class WithCounts(Row):
    """A type with the counts of the viewer, which are read after the change."""

    @strawberry.field(graphql_type=NotificationCounts, description="The counts for the badge as they are now.")
    async def counts(self, info: Info) -> NotificationCountsRow:
        user_id = info.context.signed_in.user_id
        (counts,) = await info.context.loaders.load_level("notification_counts_by_owner", [user_id])
        if counts is None:
            raise account_deleted()
        return counts
