"""Compares `@oneOf`, which marks input types that take exactly one of their fields."""

from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLSchema

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import pairs


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        if not isinstance(old, GraphQLInputObjectType) or not isinstance(new, GraphQLInputObjectType):
            continue
        if new.is_one_of and not old.is_one_of:
            message = f"{coordinate} now takes exactly one of its fields (@oneOf)."
            yield SchemaChange("ONE_OF_ADDED", Severity.BREAKING, coordinate, message)
        elif old.is_one_of and not new.is_one_of:
            message = f"{coordinate} now takes any of its fields, no longer exactly one (@oneOf)."
            yield SchemaChange("ONE_OF_REMOVED", Severity.SAFE, coordinate, message)
