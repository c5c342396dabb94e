"""Input types of which exactly one field has to be given: `@oneOf`."""

from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLSchema

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import pairs


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        if not isinstance(old, GraphQLInputObjectType) or not isinstance(new, GraphQLInputObjectType):
            continue
        if new.is_one_of and not old.is_one_of:
            said = f"{coordinate} takes exactly one of its fields now (@oneOf)."
            yield SchemaChange("ONE_OF_ADDED", Severity.BREAKING, coordinate, said)
        elif old.is_one_of and not new.is_one_of:
            said = f"{coordinate} takes any of its fields now, no longer exactly one (@oneOf)."
            yield SchemaChange("ONE_OF_REMOVED", Severity.SAFE, coordinate, said)
