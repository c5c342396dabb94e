"""Anything by its id."""

from typing import Annotated, Any

import strawberry

from core.global_ids import GlobalId, read_global_id
from schema.context import Info
from schema.row import Node

_OWNED = {
    "Comment": "comment_by_id",
    "Device": "device_by_id",
    "Notification": "notification_by_id",
    "Payment": "payment_by_id",
    "Post": "post_by_id",
}


@strawberry.type
class NodesQuery:
    """Relay's object identification."""

    @strawberry.field(
        graphql_type=Node | None,
        description="Anything by its id; null when it does not exist or the signed-in person may not see it.",
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id from an earlier answer.")],  # noqa: A002 - Relay's name
    ) -> Any:
        row = await _load(info, read_global_id(id, "id"))
        (shown,) = await info.context.policy.can_see([row])
        return shown


async def _load(info: Info, wanted: GlobalId) -> Any:
    if wanted.typename == "User":
        return await info.context.loaders.load("user_by_id", wanted.id)
    loader = _OWNED.get(wanted.typename)
    return await info.context.loaders.load(loader, (wanted.owner_id, wanted.id)) if loader else None
