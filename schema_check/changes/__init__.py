"""Compares two schemas. graphql-core finds most changes; one module here finds each other kind.

The severity of a change does not depend on the operations that use the changed element. `schema_check/verdicts`
considers those.
"""

from collections.abc import Callable, Iterable

from graphql import GraphQLSchema

from schema_check.changes import cache_scopes, costs, defaults, deprecations, nullability, one_of, roots, scalars
from schema_check.changes.applied import has_applied_directives
from schema_check.changes.graphql_core import graphql_core_changes
from schema_check.changes.types import SchemaChange, Severity

COMPARISONS: tuple[Callable[[GraphQLSchema, GraphQLSchema], Iterable[SchemaChange]], ...] = (
    defaults.changes,
    roots.changes,
    one_of.changes,
    scalars.changes,
    deprecations.changes,
)
OF_APPLIED_DIRECTIVES = (nullability.changes, costs.changes, cache_scopes.changes)
"""The comparisons of applied directives. Introspection does not show these, so both schemas must be SDL."""


def find_changes(before: GraphQLSchema, after: GraphQLSchema) -> list[SchemaChange]:
    """Returns every change, the most severe first, then by coordinate."""
    changes = {
        (change.code, change.coordinate, change.member): change for change in graphql_core_changes(before, after)
    }
    both_have_directives = has_applied_directives(before) and has_applied_directives(after)
    for compare in (*COMPARISONS, *(OF_APPLIED_DIRECTIVES if both_have_directives else ())):
        for change in compare(before, after):
            changes.pop((change.instead_of, change.coordinate, change.member), None)
            changes[change.code, change.coordinate, change.member] = change
    return sorted(
        changes.values(), key=lambda change: (change.severity.rank, change.coordinate, change.code, change.member)
    )


__all__ = ["SchemaChange", "Severity", "find_changes"]
