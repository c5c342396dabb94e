"""Converts the rows of a driver to dicts.

A column `author__handle` becomes `handle` of a nested dict `author`. The dict is None where `author__id` is NULL, for
an outer join without a match.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

Rows = list[dict[str, Any]]
Entries = dict[str, str | dict[str, str]]
"""Source code of the value of each key, or of each key of a nested dict."""


@lru_cache(maxsize=1024)
def row_maker(columns: tuple[str, ...]) -> Callable[[Iterable[Iterable[Any]]], Rows]:
    """Returns a function from rows with the values of `columns` to dicts. It is generated code, which is faster."""
    entries: Entries = {}
    nested: dict[str, dict[str, str]] = {}
    for index, column in enumerate(columns):
        outer, _, inner = column.partition("__")
        if outer and inner:
            entries[outer] = nested.setdefault(outer, {})
            nested[outer][inner] = f"c{index}"
        else:
            entries[column] = f"c{index}"
    targets = ", ".join(f"c{index}" for index in range(len(columns)))
    return eval(f"lambda rows: [{_display(entries)} for ({targets},) in rows]")  # noqa: S307 - built from indices and repr()


def rows_from_dicts(rows: Rows) -> Rows:
    """Converts flat dicts of a driver to nested dicts."""
    return row_maker(tuple(rows[0]))(row.values() for row in rows) if rows else []


def _display(entries: Entries) -> str:
    items = [f"{name!r}: {entry if isinstance(entry, str) else _nested(entry)}" for name, entry in entries.items()]
    return f"{{{', '.join(items)}}}"


def _nested(entries: dict[str, str]) -> str:
    return f"None if {entries['id']} is None else {_display(dict(entries))}"
