"""Statements and batch functions of loaders that return one page per key."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from adapters.database import DialectSQL
from core.paging import Page, PageRequest, SortKey
from loaders.loader import grouped


def rows_per_key(  # noqa: PLR0913 - the parts of a statement, most of them by name
    columns: str, tables: str, *, keys: tuple[str, ...], where: str, order: str, limit: str, name: str = "id"
) -> DialectSQL:
    """Returns a statement that reads the first rows of each key, in order.

    The first parameters of the statement are one array per column of `keys` (columns of `tables`); `where` and `limit`
    use the parameters that follow. `order` is one column with its direction, and `name` is its name in `columns`.
    PostgreSQL stops at the limit of each key; SQLite numbers all rows of a key.
    """
    direction = order.partition(" ")[2]
    arrays = ", ".join(f"${place}::bigint[]" for place in range(1, len(keys) + 1))
    names = ", ".join(f"key{place}" for place in range(1, len(keys) + 1))
    joined = " AND ".join(f"{key} = k.key{place}" for place, key in enumerate(keys, 1))
    listed = " AND ".join(f"{key} = ANY(${place})" for place, key in enumerate(keys, 1))
    return DialectSQL(
        postgres=(
            f"SELECT r.* FROM unnest({arrays}) AS k ({names}) CROSS JOIN LATERAL "  # noqa: S608 - built from constants
            f"(SELECT {columns} FROM {tables} WHERE {joined} AND {where} ORDER BY {order} LIMIT {limit}) r "
            f"ORDER BY r.{name} {direction}"
        ),
        sqlite=(
            f"SELECT * FROM (SELECT {columns}, "  # noqa: S608 - built from constants
            f"row_number() OVER (PARTITION BY {', '.join(keys)} ORDER BY {order}) AS place "
            f"FROM {tables} WHERE {listed} AND {where}) WHERE place <= {limit} ORDER BY {name} {direction}"
        ),
    )


async def pages(
    keys: Sequence[tuple[Any, PageRequest]],
    read: Callable[[list[Any], int, SortKey | None], Awaitable[list[Any]]],
    key: Callable[[Any], Any],
    *,
    by: tuple[str, ...] = ("id",),
) -> list[Page[Any]]:
    """Returns one page per pair of key and page request. Calls `read` once per size and start of page."""
    keys_by_range: dict[tuple[int, SortKey | None], dict[Any, None]] = {}
    for row_key, request in keys:
        keys_by_range.setdefault(request.limit_and_after, {})[row_key] = None
    rows: dict[tuple[int, SortKey | None], dict[Any, list[Any]]] = {}
    for page_range, group in keys_by_range.items():
        rows[page_range] = dict(zip(group, grouped(group, await read(list(group), *page_range), key), strict=True))
    return [request.page(rows[request.limit_and_after][row_key], by=by) for row_key, request in keys]
