"""Compares the specification URLs of scalars: `@specifiedBy`."""

from collections.abc import Iterator

from graphql import GraphQLScalarType, GraphQLSchema

from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import pairs


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        if not isinstance(old, GraphQLScalarType) or not isinstance(new, GraphQLScalarType):
            continue
        then, now = old.specified_by_url, new.specified_by_url
        if not then and now:
            yield SchemaChange("SPECIFIED_BY_ADDED", Severity.SAFE, coordinate, f"{coordinate} is specified by {now}.")
        elif then and not now:
            message = f"{coordinate} is no longer specified by {then}."
            yield SchemaChange("SPECIFIED_BY_REMOVED", Severity.DANGEROUS, coordinate, message)
        elif then != now:
            message = f"The specification of {coordinate} changed from {then} to {now}; its format may differ."
            yield SchemaChange("SPECIFIED_BY_CHANGED", Severity.DANGEROUS, coordinate, message)
