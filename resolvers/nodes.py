"""Anything by its id."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import strawberry

from core.errors import BadUserInput
from core.global_ids import GlobalId, read_global_id
from schema.context import Info
from schema.row import Node

MOST_IDS = 100

_OWNED = {
    "Comment": "comment_by_id",
    "Device": "device_by_id",
    "Notification": "notification_by_id",
    "Payment": "payment_by_id",
    "PaymentMethod": "payment_method_by_id",
    "Post": "post_by_id",
    "Wallet": "wallet_by_id",
    "WalletEntry": "wallet_entry_by_id",
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
        (shown,) = await _show(info, [read_global_id(id, "id")])
        return shown

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        description="Several things by their ids, in that order; null for each that does not exist or may not be seen.",
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"Ids from earlier answers, at most {MOST_IDS}.")
        ],
    ) -> Any:
        if len(ids) > MOST_IDS:
            raise BadUserInput("ids", f"send at most {MOST_IDS}, not {len(ids)}.")
        return await _show(info, [read_global_id(each, f"ids.{place}") for place, each in enumerate(ids)])


async def _show(info: Info, wanted: Iterable[GlobalId]) -> list[Any]:
    return await info.context.policy.can_see(await load_rows(info, wanted))


async def load_rows(info: Info, wanted: Iterable[tuple[str, int, int]]) -> list[Any]:
    """The rows of types, owners and ids, in their order; None for those that do not exist. Nobody's leave is asked."""
    return list(await asyncio.gather(*(_load(info, *each) for each in wanted)))


async def _load(info: Info, typename: str, owner_id: int, row_id: int) -> Any:
    if typename == "User":
        return await info.context.loaders.load("user_by_id", row_id)
    loader = _OWNED.get(typename)
    return await info.context.loaders.load(loader, (owner_id, row_id)) if loader else None
