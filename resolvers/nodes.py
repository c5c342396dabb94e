"""Resolvers of `node` and `nodes`: objects by id."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated, Any

import strawberry

from core.errors import BadUserInput
from core.global_ids import GlobalId, read_global_id
from loaders.by_type import load_rows
from schema.cache_control import public
from schema.context import Info
from schema.cost import sized_by
from schema.row import Node, selected_columns

MAX_IDS = 100


@strawberry.type
class NodesQuery:
    """The root fields of Relay's object identification."""

    @strawberry.field(
        graphql_type=Node | None,
        directives=[public()],
        description="An object by its id; null if it does not exist or the signed-in user may not see it.",
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An id from an earlier response.")],  # noqa: A002 - Relay's name
    ) -> Any:
        (row,) = await _show(info, [read_global_id(id, "id")])
        return row

    @strawberry.field(
        graphql_type=list[Node | None] | None,
        directives=[public(), sized_by("ids")],
        description="Objects by their ids, in the same order; null for each that does not exist or is not visible.",
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description=f"Ids from earlier responses, at most {MAX_IDS}.")
        ],
    ) -> Any:
        if len(ids) > MAX_IDS:
            raise BadUserInput("ids", f"send at most {MAX_IDS}, not {len(ids)}.")
        return await _show(info, [read_global_id(text, f"ids.{index}") for index, text in enumerate(ids)])


async def _show(info: Info, ids: Iterable[GlobalId]) -> list[Any]:
    rows = await load_rows(info.context.loaders, ids, partial(selected_columns, info))
    return await info.context.policy.can_see(rows)
