"""Resolves the fields of `viewer` from memory. They are coroutines like the product's, which query a database."""

from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from bench.engine_cases.world import HomeInfo
from core.global_ids import global_id
from core.paging import DEFAULT_FIRST
from engine import Column
from engine.for_strawberry import StrawberryExecutor, declare
from schema.notifications import NotificationCounts
from schema.row import After, First, Row, derived, read_column
from schema.scalars import SCALARS


async def own_user(info: HomeInfo) -> Any:
    return info.context.world.users[0]


async def own_counts(info: HomeInfo) -> Any:
    return info.context.world.counts


async def feed(info: HomeInfo, first: First = DEFAULT_FIRST, after: After = None) -> Any:
    page_request = info.context.own_page("Viewer.feed", first, after)
    return page_request.page(info.context.world.posts[: page_request.limit])


async def inbox(info: HomeInfo, first: First = DEFAULT_FIRST, after: After = None) -> Any:
    page_request = info.context.own_page("Viewer.notifications", first, after)
    return page_request.page(info.context.world.notifications[: page_request.limit])


async def payments(info: HomeInfo, first: First = DEFAULT_FIRST, after: After = None) -> Any:
    page_request = info.context.own_page("Viewer.payments", first, after)
    return page_request.page(info.context.world.payments[: page_request.limit])


def own_view(info: HomeInfo) -> Any:
    return {"user_id": info.context.signed_in.user_id}


@strawberry.type
class OwnNumbers(Row):
    """Contains the fields of `viewer` that all variants share."""

    id: strawberry.ID = derived(
        lambda root: global_id("Viewer", root["user_id"], root["user_id"]), description="Global id."
    )

    notification_counts: NotificationCounts | None = strawberry.field(resolver=own_counts)

    @strawberry.field
    def live_cursor(self) -> str | None:
        return None


def schema_of(viewer_type: Any, *, declared: bool = True) -> GraphQLSchema:
    """Builds the schema like the product's, for this `Viewer`. Without `declared`, the engine uses no declarations."""

    @strawberry.type
    class Query:
        viewer: Any = strawberry.field(resolver=own_view, graphql_type=viewer_type | None)

    config = StrawberryConfig(default_resolver=read_column, scalar_map=SCALARS)
    schema = strawberry.Schema(query=Query, execution_context_class=StrawberryExecutor, config=config)
    declare(schema, default=Column if declared else None)
    return schema._schema  # noqa: SLF001 - Strawberry has no public access to it
