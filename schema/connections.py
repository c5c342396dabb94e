"""Pages as Relay's connections."""

from collections.abc import Mapping
from itertools import repeat
from typing import Any, Generic, TypeVar

import strawberry

from core.paging import Page
from schema.row import derived

NodeT = TypeVar("NodeT")
Place = tuple[Page[Any], Mapping[str, Any], Mapping[str, Any] | None]
"""A page, one of its rows, and what is shown there."""


@strawberry.type(description="Where a page ends and whether there is more.")
class PageInfo:
    """Of a `core.paging.Page`."""

    has_next_page: bool = derived(lambda page: page["has_next"], description="More follows this page.")
    has_previous_page: bool = derived(lambda page: page["has_previous"], description="More precedes this page.")
    start_cursor: str | None = derived(
        lambda page: page["cursor"](page["rows"][0]) if page["rows"] else None,
        description="Cursor of the first edge; null when the page is empty.",
    )
    end_cursor: str | None = derived(
        lambda page: page["cursor"](page["rows"][-1]) if page["rows"] else None,
        description="Cursor of the last edge: send it as `after` to go on. Null when the page is empty.",
    )


@strawberry.type(description="One place in a page.")
class Edge(Generic[NodeT]):
    """Of a `Place`."""

    cursor: str = derived(
        lambda place: place[0]["cursor"](place[1]),
        description="Send it as `after` to go on behind this place. Opaque, and of use for this list only.",
    )
    node: NodeT | None = derived(
        lambda place: place[2], description="What is there; null when it cannot be shown at the moment."
    )


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeT]):
    """Of a `core.paging.Page`."""

    edges: list[Edge[NodeT]] = derived(
        lambda page: [*zip(repeat(page), page["rows"], page.get("nodes", page["rows"]))],
        description="The places of this page, in order.",
    )
    page_info: PageInfo = derived(lambda page: page, description="Where this page ends and whether there is more.")
