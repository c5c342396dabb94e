"""Pages as Relay's connections."""

from typing import Generic, TypeVar

import strawberry

from schema.row import Row, derived

NodeT = TypeVar("NodeT")


@strawberry.type(description="Where a page ends and whether there is more.")
class PageInfo(Row):
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
class Edge(Row, Generic[NodeT]):
    """Of a page, one of its rows, and what is shown there."""

    cursor: str = derived(
        lambda place: place["page"]["cursor"](place["row"]),
        description="Send it as `after` to go on behind this place. Opaque, and of use for this list only.",
    )
    node: NodeT | None = derived(
        lambda place: place["node"], description="What is there; null when it cannot be shown at the moment."
    )


@strawberry.type(description="One page of a list.")
class Connection(Row, Generic[NodeT]):
    """Of a `core.paging.Page`."""

    edges: list[Edge[NodeT]] = derived(
        lambda page: [
            {"page": page, "row": row, "node": node}
            for row, node in zip(page["rows"], page.get("nodes", page["rows"]), strict=True)
        ],
        description="The places of this page, in order.",
    )
    page_info: PageInfo = derived(lambda page: page, description="Where this page ends and whether there is more.")
