"""The cache policies of operations, in the form in which requests need them."""

from typing import NamedTuple

from graphql import GraphQLSchema, OperationDefinitionNode

from gateway.execution.operation import Operation
from gateway.response_cache.policy import operation_policy
from schema.cache_control import CacheScope
from schema.context import LOCALIZED_FIELDS

_MAX_OPERATIONS = 4096


class StoredOperation(NamedTuple):
    """The policy of an operation in seconds, and the names of its variables.

    `is_public` says that requests without a signed-in user share a response. No response is stored without `max_age`.
    `max_stale` is None if no count of what other users did is selected. `is_localized` says that a selected field
    depends on the language of the caller.
    """

    is_public: bool
    max_age: int
    stale_while_revalidate: int
    max_stale: int | None
    variables: frozenset[str]
    is_localized: bool


class StoredOperations:
    """Computes the policies of operations, and caches them."""

    def __init__(self, schema: GraphQLSchema, max_stale: int) -> None:
        self._schema = schema
        self._max_stale = max_stale
        self._operations = dict[tuple[str, str], StoredOperation]()

    def get(self, operation: Operation) -> StoredOperation:
        """Returns the policy of an operation."""
        key = operation.shape
        known = self._operations.get(key)
        if known is None:
            if len(self._operations) >= _MAX_OPERATIONS:
                self._operations.clear()
            known = self._operations[key] = self._compute(operation)
        return known

    def _compute(self, operation: Operation) -> StoredOperation:
        document = operation.document.node
        (node,) = (
            node
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode) and (node.name.value if node.name else "") == operation.name
        )
        policy = operation_policy(self._schema, document, node)
        max_stale = min((value.value for value in policy.max_stale), default=None)
        return StoredOperation(
            policy.scope.value is CacheScope.PUBLIC,
            policy.max_age.value if policy.is_stored else 0,
            policy.stale_while_revalidate.value,
            None if max_stale is None else min(max_stale, self._max_stale),
            frozenset(definition.variable.name.value for definition in node.variable_definitions or ()),
            not LOCALIZED_FIELDS.isdisjoint(operation.document.shapes[operation.name].fields.split()),
        )
