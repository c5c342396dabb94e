"""What differs between two schemas: what graphql-core finds, and one module for each kind that it does not.

A change has a structural level, independent of what uses the changed element. `schema_check/verdicts` finds the uses.
"""

from collections.abc import Callable, Iterable

from graphql import GraphQLSchema

from schema_check.changes import cache_scopes, costs, defaults, deprecations, nullability, one_of, roots, scalars
from schema_check.changes.applied import tells_applied
from schema_check.changes.graphql_core import found_by_graphql_core
from schema_check.changes.types import Change, Level

OTHERS: tuple[Callable[[GraphQLSchema, GraphQLSchema], Iterable[Change]], ...] = (
    defaults.changes,
    roots.changes,
    one_of.changes,
    scalars.changes,
    deprecations.changes,
)
OF_APPLIED = (nullability.changes, costs.changes, cache_scopes.changes)
"""Of directives that introspection does not tell, so that they are compared between two texts alone."""


def find_changes(before: GraphQLSchema, after: GraphQLSchema) -> list[Change]:
    """Every change, the worst first, then by what it is about."""
    found = {(change.code, change.coordinate, change.member): change for change in found_by_graphql_core(before, after)}
    both = tells_applied(before) and tells_applied(after)
    for others in (*OTHERS, *(OF_APPLIED if both else ())):
        for change in others(before, after):
            found.pop((change.instead_of, change.coordinate, change.member), None)
            found[change.code, change.coordinate, change.member] = change
    return sorted(found.values(), key=lambda change: (change.level.rank, change.coordinate, change.code, change.member))


__all__ = ["Change", "Level", "find_changes"]
