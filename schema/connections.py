"""Relay connections: pages, edges and page infos."""

from collections.abc import Mapping
from itertools import repeat
from typing import Any, Generic, TypeVar

import strawberry

from core.paging import Page
from schema.row import derived

NodeT = TypeVar("NodeT")
EdgeSource = tuple[Page[Any], Mapping[str, Any], Mapping[str, Any] | None]
"""A page, one of its rows, and the node of that row: the row itself, another row, or None if it is not visible."""


@strawberry.type(description="Cursors of a page, and whether there are more pages.")
class PageInfo:
    """Describes a `core.paging.Page`."""

    has_next_page: bool = derived(lambda page: page["has_next"], description="Whether there is a next page.")
    has_previous_page: bool = derived(
        lambda page: page["has_previous"], description="Whether there is a previous page."
    )
    start_cursor: str | None = derived(
        lambda page: page["cursor"](page["rows"][0]) if page["rows"] else None,
        description="Cursor of the first edge; null if the page is empty.",
    )
    end_cursor: str | None = derived(
        lambda page: page["cursor"](page["rows"][-1]) if page["rows"] else None,
        description="Cursor of the last edge: send it as `after` for the next page. Null if the page is empty.",
    )


@strawberry.type(description="An item of a page, with its cursor.")
class Edge(Generic[NodeT]):
    """Describes an `EdgeSource`."""

    cursor: str = derived(
        lambda source: source[0]["cursor"](source[1]),
        description="Send it as `after` to continue after this item. Opaque, and valid only for this list.",
    )
    node: NodeT | None = derived(
        lambda source: source[2],
        contains_rows=True,
        description="The item; null if it is not visible or not available.",
    )


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    """Describes a `core.paging.Page`."""

    edges: list[Edge[NodeT]] = derived(
        lambda page: [*zip(repeat(page), page["rows"], page.get("nodes", page["rows"]))],
        contains_rows=True,
        description="The edges of this page, in order.",
    )
    page_info: PageInfo = derived(
        lambda page: page, description="Cursors of the page, and whether there are more pages."
    )
