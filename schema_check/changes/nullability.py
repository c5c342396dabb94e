"""Fields that are null only when there is an error: `@semanticNonNull`.

Compilers of apps make what carries it non-null, so taking it away is as breaking as taking away a `!`.
"""

from collections.abc import Iterator

from graphql import GraphQLField, GraphQLSchema, is_non_null_type

from schema_check.changes.applied import applied
from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, pairs

NAMES = ("semanticNonNull",)


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        if not isinstance(old, GraphQLField) or not isinstance(new, GraphQLField):
            continue
        then, now = _levels(old), _levels(new)
        if then - now and not is_non_null_type(new.type):
            said = f"{coordinate} may be null without an error (@semanticNonNull was removed)."
            yield SchemaChange("SEMANTIC_NON_NULL_REMOVED", Severity.BREAKING, coordinate, said)
        elif now - then:
            said = f"{coordinate} is null only when there is an error (@semanticNonNull)."
            yield SchemaChange("SEMANTIC_NON_NULL_ADDED", Severity.SAFE, coordinate, said)


def _levels(field: Element) -> set[int]:
    """How deep in lists it is promised: 0 is the field itself."""
    given = applied(field, NAMES)
    return set() if given is None else set(given.get("levels") or [0])
