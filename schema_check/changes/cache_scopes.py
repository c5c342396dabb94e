"""Compares cache scopes: `@cacheControl(scope:)`.

A wider scope is breaking: a cache may return the response of one viewer to another, or an old one where none was
stored before. This server has the scopes PUBLIC, VIEWER and NONE; others call VIEWER PRIVATE.
"""

from collections.abc import Iterator

from graphql import GraphQLSchema

from schema_check.changes.applied import applied, with_defaults
from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, pairs

NAMES = ("cacheControl", "cache")
PUBLIC = "PUBLIC"
_WIDTH = {"NONE": 0, "VIEWER": 1, "PRIVATE": 1, PUBLIC: 2}


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        then, now = _scope(before, old), _scope(after, new)
        if old is None or then == now:
            continue
        if now is None:
            code = "CACHE_SCOPE_NARROWED" if then == PUBLIC else "CACHE_SCOPE_REMOVED"
        else:
            code = "CACHE_SCOPE_WIDENED" if _is_wider(then, now) else "CACHE_SCOPE_NARROWED"
        yield SchemaChange(code, _severity(code, then), coordinate, _message(coordinate, then, now))


def _severity(code: str, then: str | None) -> Severity:
    if code == "CACHE_SCOPE_NARROWED":
        return Severity.SAFE
    return Severity.BREAKING if code == "CACHE_SCOPE_WIDENED" and then else Severity.DANGEROUS


def _message(coordinate: str, then: str | None, now: str | None) -> str:
    if then is None:
        return f"The cache scope {now} of {coordinate} was added."
    if now is None:
        return f"The cache scope {then} of {coordinate} was removed."
    return f"The cache scope of {coordinate} changed from {then} to {now}."


def _is_wider(then: str | None, now: str | None) -> bool:
    """Returns whether a response may be stored for more viewers. Without a scope, the scope of the parent holds."""
    if then is None:
        return now == PUBLIC
    return now is not None and _WIDTH.get(now, _WIDTH[PUBLIC]) > _WIDTH.get(then, 0)


def _scope(schema: GraphQLSchema, element: Element | None) -> str | None:
    for name in NAMES:
        arguments = applied(element, (name,))
        if arguments is not None:
            return with_defaults(schema, name, arguments).get("scope")
    return None
