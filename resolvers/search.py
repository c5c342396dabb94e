"""The resolver of `search`."""

from functools import partial
from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.paging import DEFAULT_FIRST
from loaders.by_type import load_rows
from schema.cache_control import uncached
from schema.connections import Connection
from schema.context import Info
from schema.cost import SEARCH, paged, weighted
from schema.row import After, First, selected_columns
from schema.search import SearchResult, SearchType
from services.search import search


@strawberry.type
class SearchQuery:
    """The root field of search."""

    @strawberry.field(
        graphql_type=Connection[SearchResult] | None,
        directives=[uncached(), weighted(SEARCH), paged()],
        description="Users and posts by words, best match first: users by name and by handle or its "
        "beginning, posts that "
        "contain all words. Quotes and operators have no meaning.",
    )
    async def search(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="The search string; its first eight words count.")],
        types: Annotated[
            list[SearchType] | None,
            strawberry.argument(description="The kinds of results; all if omitted or empty."),
        ] = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
    ) -> Any:
        context = info.context
        names = sorted(kind.name for kind in types or SearchType)
        page_request = context.page(f"search:{context.viewer.user_id}:{','.join(names)}:{query}", first, after)
        page = await search(context.viewer, context.database_of(Feature.SEARCH), query, names, page_request)
        keys = [(row["__typename"], row["owner_id"], row["id"]) for row in page["rows"]]
        return {**page, "nodes": await load_rows(context.loaders, keys, partial(selected_columns, info))}
