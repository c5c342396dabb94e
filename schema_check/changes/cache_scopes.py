"""Compares cache scopes: `@cacheControl(scope:)`.

A wider scope is breaking: a cache may return the response of one viewer to another, or an old one where none was
stored before. This server has the scopes PUBLIC, VIEWER and NONE; others call VIEWER PRIVATE. Without a scope, a root
field has VIEWER on this server, and any other part adds no restriction. Other servers may differ for root fields, so
removing VIEWER from one is dangerous.
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
    root = before.query_type.name if before.query_type else ""
    is_new = not any(before.get_directive(name) for name in NAMES)
    for coordinate, old, new in pairs(before, after):
        then, now = _scope(before, old), _scope(after, new)
        if old is None or then == now:
            continue
        severity = _severity(then, now, is_root=coordinate.startswith(f"{root}."))
        if is_new and severity is Severity.BREAKING:
            severity = Severity.DANGEROUS
        yield SchemaChange(_code(severity, now), severity, coordinate, _message(coordinate, then, now))


def _severity(then: str | None, now: str | None, *, is_root: bool) -> Severity:
    without = _WIDTH["VIEWER"] if is_root else _WIDTH[PUBLIC]
    was = without if then is None else _WIDTH.get(then, 0)
    if (without if now is None else _WIDTH.get(now, _WIDTH[PUBLIC])) > was:
        return Severity.BREAKING
    depends_on_server = now is None and then != PUBLIC and is_root
    return Severity.DANGEROUS if depends_on_server or (then is None and now == PUBLIC) else Severity.SAFE


def _code(severity: Severity, now: str | None) -> str:
    if severity is Severity.SAFE:
        return "CACHE_SCOPE_NARROWED"
    return "CACHE_SCOPE_REMOVED" if now is None else "CACHE_SCOPE_WIDENED"


def _message(coordinate: str, then: str | None, now: str | None) -> str:
    if then is None:
        return f"The cache scope {now} of {coordinate} was added."
    if now is None:
        return f"The cache scope {then} of {coordinate} was removed."
    return f"The cache scope of {coordinate} changed from {then} to {now}."


def _scope(schema: GraphQLSchema, element: Element | None) -> str | None:
    for name in NAMES:
        arguments = applied(element, (name,))
        if arguments is not None:
            return with_defaults(schema, name, arguments).get("scope")
    return None
