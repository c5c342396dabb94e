"""Compares `@semanticNonNull`, which marks fields that are null only when there is an error.

Client compilers generate non-null types for such fields, so removing the directive is as breaking as removing a `!`.
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
            message = f"{coordinate} may be null without an error (@semanticNonNull was removed)."
            yield SchemaChange("SEMANTIC_NON_NULL_REMOVED", Severity.BREAKING, coordinate, message)
        elif now - then:
            message = f"{coordinate} is null only when there is an error (@semanticNonNull)."
            yield SchemaChange("SEMANTIC_NON_NULL_ADDED", Severity.SAFE, coordinate, message)


def _levels(field: Element) -> set[int]:
    """Returns the levels of the directive: 0 is the field itself, 1 the items of its list."""
    arguments = applied(field, NAMES)
    return set() if arguments is None else set(arguments.get("levels") or [0])
