"""What differs between two schemas: what graphql-core finds, and one module for each kind that it does not.

A change has a structural level, independent of what uses the changed element. `schema_check/verdicts` finds the uses.
"""

from collections.abc import Callable, Iterable

from graphql import GraphQLSchema

from schema_check.changes import cache_scopes, costs, defaults, deprecations, nullability, one_of, roots, scalars
from schema_check.changes.applied import has_applied_directives
from schema_check.changes.graphql_core import graphql_core_changes
from schema_check.changes.types import SchemaChange, Severity

OTHERS: tuple[Callable[[GraphQLSchema, GraphQLSchema], Iterable[SchemaChange]], ...] = (
    defaults.changes,
    roots.changes,
    one_of.changes,
    scalars.changes,
    deprecations.changes,
)
OF_APPLIED = (nullability.changes, costs.changes, cache_scopes.changes)
"""Of directives that introspection does not tell, so that they are compared between two texts alone."""


def find_changes(before: GraphQLSchema, after: GraphQLSchema) -> list[SchemaChange]:
    """Every change, the worst first, then by what it is about."""
    found = {(change.code, change.coordinate, change.member): change for change in graphql_core_changes(before, after)}
    both = has_applied_directives(before) and has_applied_directives(after)
    for others in (*OTHERS, *(OF_APPLIED if both else ())):
        for change in others(before, after):
            found.pop((change.instead_of, change.coordinate, change.member), None)
            found[change.code, change.coordinate, change.member] = change
    return sorted(
        found.values(), key=lambda change: (change.severity.rank, change.coordinate, change.code, change.member)
    )


__all__ = ["SchemaChange", "Severity", "find_changes"]
