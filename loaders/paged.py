"""Statements and batches of loaders that give a page for each of several keys."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from adapters.database import DialectSQL
from core.paging import Page, PageRequest, Position
from loaders.loader import grouped


def rows_per_key(  # noqa: PLR0913 - the parts of a statement, most of them by name
    columns: str, tables: str, *, keys: tuple[str, ...], where: str, order: str, limit: str, name: str = "id"
) -> DialectSQL:
    """The first rows of each key, in order.

    The values of `keys` (columns of `tables`) are the statement's first parameters, an array for each; `where` and
    `limit` use those that follow. `order` is one column with its direction, `name` what it is called among `columns`.
    PostgreSQL stops at the limit of each key; SQLite numbers all rows of each.
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
    read: Callable[[list[Any], int, Position | None], Awaitable[list[Any]]],
    key: Callable[[Any], Any],
    *,
    by: tuple[str, ...] = ("id",),
) -> list[Page[Any]]:
    """A page for each pair of a key and a request: `read` runs once per size and start of page."""
    asked: dict[tuple[int, Position | None], dict[Any, None]] = {}
    for each, wanted in keys:
        asked.setdefault(wanted.span, {})[each] = None
    found: dict[tuple[int, Position | None], dict[Any, list[Any]]] = {}
    for span, group in asked.items():
        found[span] = dict(zip(group, grouped(group, await read(list(group), *span), key), strict=True))
    return [wanted.page(found[wanted.span][each], by=by) for each, wanted in keys]
