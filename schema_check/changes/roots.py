"""Compares the root types of `query`, `mutation` and `subscription`."""

from collections.abc import Iterator

from graphql import GraphQLSchema, OperationType

from schema_check.changes.types import SchemaChange, Severity


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for operation in OperationType:
        old, new = before.get_root_type(operation), after.get_root_type(operation)
        name = operation.value
        if old and not new:
            message = f"The {name} root type {old.name} was removed."
            yield SchemaChange("ROOT_TYPE_REMOVED", Severity.BREAKING, old.name, message)
        elif new and not old:
            message = f"The {name} root type {new.name} was added."
            yield SchemaChange("ROOT_TYPE_ADDED", Severity.SAFE, new.name, message)
        elif old and new and old.name != new.name:
            message = f"The {name} root type changed from {old.name} to {new.name}."
            yield SchemaChange("ROOT_TYPE_CHANGED", Severity.BREAKING, old.name, message)
