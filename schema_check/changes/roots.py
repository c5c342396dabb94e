"""Root types: which type `query`, `mutation` and `subscription` begin at."""

from collections.abc import Iterator

from graphql import GraphQLSchema, OperationType

from schema_check.changes.types import SchemaChange, Severity


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for operation in OperationType:
        old, new = before.get_root_type(operation), after.get_root_type(operation)
        called = operation.value
        if old and not new:
            said = f"Operations of the kind {called}, which began at {old.name}, are no longer served."
            yield SchemaChange("ROOT_TYPE_REMOVED", Severity.BREAKING, old.name, said)
        elif new and not old:
            said = f"Operations of the kind {called} begin at {new.name}."
            yield SchemaChange("ROOT_TYPE_ADDED", Severity.SAFE, new.name, said)
        elif old and new and old.name != new.name:
            said = f"Operations of the kind {called} begin at {new.name}, no longer at {old.name}."
            yield SchemaChange("ROOT_TYPE_CHANGED", Severity.BREAKING, old.name, said)
