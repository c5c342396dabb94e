"""Compares cache scopes: `@cacheControl(scope:)`.

A change from PRIVATE to PUBLIC is breaking: a cache may return the response of one viewer to another.
"""

from collections.abc import Iterator

from graphql import GraphQLSchema

from schema_check.changes.applied import applied, with_defaults
from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, pairs

NAMES = ("cacheControl", "cache")
PUBLIC = "PUBLIC"


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        then, now = _scope(before, old), _scope(after, new)
        if old is None or then == now:
            continue
        if now == PUBLIC:
            severity = Severity.BREAKING if then else Severity.DANGEROUS
            message = f"The cache scope of {coordinate} changed from {then or 'none'} to {PUBLIC}."
            yield SchemaChange("CACHE_SCOPE_WIDENED", severity, coordinate, message)
        elif now is None and then != PUBLIC:
            message = f"The cache scope {then} of {coordinate} was removed."
            yield SchemaChange("CACHE_SCOPE_REMOVED", Severity.DANGEROUS, coordinate, message)
        else:
            message = f"The cache scope of {coordinate} changed from {then or 'none'} to {now or 'none'}."
            yield SchemaChange("CACHE_SCOPE_NARROWED", Severity.SAFE, coordinate, message)


def _scope(schema: GraphQLSchema, element: Element | None) -> str | None:
    for name in NAMES:
        arguments = applied(element, (name,))
        if arguments is not None:
            return with_defaults(schema, name, arguments).get("scope")
    return None
