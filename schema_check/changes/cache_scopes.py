"""Whose answers a cache may give to others: `@cacheControl(scope:)`.

What was one viewer's and becomes everybody's is breaking: the answer of one may be shown to another.
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
            said = f"Answers of {coordinate} may be given to everybody; they were {then or 'of no stated scope'}."
            yield SchemaChange("CACHE_SCOPE_WIDENED", severity, coordinate, said)
        elif now is None and then != PUBLIC:
            said = f"{coordinate} no longer says that its answers are {then}."
            yield SchemaChange("CACHE_SCOPE_REMOVED", Severity.DANGEROUS, coordinate, said)
        else:
            said = f"The cache scope of {coordinate} is {now or 'not stated'}; it was {then or 'not stated'}."
            yield SchemaChange("CACHE_SCOPE_NARROWED", Severity.SAFE, coordinate, said)


def _scope(schema: GraphQLSchema, element: Element | None) -> str | None:
    for name in NAMES:
        given = applied(element, (name,))
        if given is not None:
            return with_defaults(schema, name, given).get("scope")
    return None
