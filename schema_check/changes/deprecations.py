"""Compares deprecations and the removal dates in their reasons: `Remove after 2026-12-31`."""

import re
from collections.abc import Iterator
from datetime import date

from graphql import GraphQLNamedType, GraphQLSchema

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, elements, pairs

_DATE = re.compile(r"\bremove after (\d{4}-\d{2}-\d{2})\b", re.IGNORECASE | re.ASCII)


def reason_of(element: Element | None) -> str | None:
    """Returns the deprecation reason of an element, or None."""
    return None if element is None or isinstance(element, GraphQLNamedType) else element.deprecation_reason


def removal_date(reason: str | None) -> date | None:
    """Returns the last day on which the deprecated element stays, by its reason, or None without a valid date."""
    match = _DATE.search(reason or "")
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def removal_dates(schema: GraphQLSchema) -> dict[str, date]:
    """Returns the removal dates of a schema by coordinate."""
    days = ((coordinate, removal_date(reason_of(element))) for coordinate, element in elements(schema))
    return {coordinate: day for coordinate, day in days if day}


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        then, now = reason_of(old), reason_of(new)
        if old is not None and then != now:
            yield _change(coordinate, then, now)


def _change(coordinate: str, then: str | None, now: str | None) -> SchemaChange:
    day, was = removal_date(now), removal_date(then)
    if now is None:
        return SchemaChange("DEPRECATION_REMOVED", Severity.SAFE, coordinate, f"{coordinate} is no longer deprecated.")
    if then is None:
        when = f"Remove after {day}." if day else "The reason has no removal date."
        return SchemaChange("DEPRECATION_ADDED", Severity.SAFE, coordinate, f"{coordinate} is deprecated. {when}")
    if was and not day:
        message = f"The deprecation of {coordinate} has no removal date any longer; it was {was}."
        return SchemaChange("DEPRECATION_UNDATED", Severity.SAFE, coordinate, message)
    if was and day and day < was:
        message = f"The removal date of {coordinate} changed from {was} to {day}, which is earlier."
        return SchemaChange("DEPRECATION_DATE_EARLIER", Severity.DANGEROUS, coordinate, message)
    return SchemaChange("DEPRECATION_CHANGED", Severity.SAFE, coordinate, f"The deprecation of {coordinate} changed.")
