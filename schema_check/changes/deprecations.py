"""Deprecations, and the day that they name: `Remove after 2026-12-31`."""

import re
from collections.abc import Iterator
from datetime import date

from graphql import GraphQLNamedType, GraphQLSchema

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, elements, pairs

_DATE = re.compile(r"\bremove after (\d{4}-\d{2}-\d{2})\b", re.IGNORECASE | re.ASCII)


def reason_of(element: Element | None) -> str | None:
    return None if element is None or isinstance(element, GraphQLNamedType) else element.deprecation_reason


def day_of(reason: str | None) -> date | None:
    """The last day on which what is deprecated is promised to be there."""
    found = _DATE.search(reason or "")
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def promised_days(schema: GraphQLSchema) -> dict[str, date]:
    """The coordinates that name a day."""
    days = ((coordinate, day_of(reason_of(element))) for coordinate, element in elements(schema))
    return {coordinate: day for coordinate, day in days if day}


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        then, now = reason_of(old), reason_of(new)
        if old is not None and then != now:
            yield _change(coordinate, then, now)


def _change(coordinate: str, then: str | None, now: str | None) -> SchemaChange:
    day, was = day_of(now), day_of(then)
    if now is None:
        return SchemaChange("DEPRECATION_REMOVED", Severity.SAFE, coordinate, f"{coordinate} is no longer deprecated.")
    if then is None:
        when = f"Remove after {day}." if day else "It names no day on which it goes."
        return SchemaChange("DEPRECATION_ADDED", Severity.SAFE, coordinate, f"{coordinate} is deprecated. {when}")
    if was and not day:
        said = f"The deprecation of {coordinate} no longer names a day; it was {was}."
        return SchemaChange("DEPRECATION_UNDATED", Severity.SAFE, coordinate, said)
    if was and day and day < was:
        said = f"{coordinate} is to go after {day}, earlier than promised: {was}."
        return SchemaChange("DEPRECATION_DATE_EARLIER", Severity.DANGEROUS, coordinate, said)
    return SchemaChange("DEPRECATION_CHANGED", Severity.SAFE, coordinate, f"The deprecation of {coordinate} changed.")
