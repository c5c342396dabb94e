"""From a driver's rows to dicts.

A column `author__handle` becomes `handle` of a dict under `author`, which is None where `author__id` is NULL, for a
row that an outer join did not find.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

Rows = list[dict[str, Any]]
Entries = dict[str, str | dict[str, str]]
"""Code for the value of each key, or of each key of a dict there."""


@lru_cache(maxsize=1024)
def row_maker(columns: tuple[str, ...]) -> Callable[[Iterable[Iterable[Any]]], Rows]:
    """A function from rows with values in the order of `columns` to dicts; generated, since a screen has 100 rows."""
    entries: Entries = {}
    nested: dict[str, dict[str, str]] = {}
    for place, column in enumerate(columns):
        outer, _, inner = column.partition("__")
        if outer and inner:
            entries[outer] = nested.setdefault(outer, {})
            nested[outer][inner] = f"c{place}"
        else:
            entries[column] = f"c{place}"
    targets = ", ".join(f"c{place}" for place in range(len(columns)))
    return eval(f"lambda rows: [{_display(entries)} for ({targets},) in rows]")  # noqa: S307 - of places and repr()


def made_of_dicts(rows: Rows) -> Rows:
    """The same from a driver's dicts."""
    return row_maker(tuple(rows[0]))(row.values() for row in rows) if rows else []


def _display(entries: Entries) -> str:
    shown = [f"{name!r}: {entry if isinstance(entry, str) else _nested(entry)}" for name, entry in entries.items()]
    return f"{{{', '.join(shown)}}}"


def _nested(entries: dict[str, str]) -> str:
    return f"None if {entries['id']} is None else {_display(dict(entries))}"
