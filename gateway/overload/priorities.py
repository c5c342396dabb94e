"""The priorities of operations, by the root fields that they select."""

from collections.abc import Mapping
from enum import IntEnum

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from gateway.costs import OperationCost
from gateway.costs.selections import is_never_selected
from gateway.costs.weights import cost_of
from schema.cost import SEARCH
from schema.rates import RateClass


class Priority(IntEnum):
    """The priorities, from the highest to the lowest. Signing in is a write, and starting a subscription a read."""

    MONEY = 0
    WRITE = 1
    READ = 2
    SEARCH = 3
    PREFETCH = 4


def priorities_of(
    schema: GraphQLSchema, document: DocumentNode, costs: Mapping[str, OperationCost]
) -> Mapping[str, Priority]:
    """Returns the priority of each operation of a valid document. `costs` contain the classes of its operations.

    A mutation has the highest priority of its fields, because they succeed or fail with it. A query has the lowest.
    Fields that a literal of `@include` or `@skip` excludes do not count.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    by_name = {operation.name.value if operation.name else "": operation for operation in operations}
    return {
        name: _priority(schema, operation, fragments, costs[name].rate_class) for name, operation in by_name.items()
    }


def _priority(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    rate_class: RateClass,
) -> Priority:
    if operation.operation is OperationType.MUTATION:
        return Priority.MONEY if rate_class is RateClass.MONEY else Priority.WRITE
    root = schema.get_root_type(operation.operation)
    fields: Mapping[str, GraphQLField] = {} if root is None else root.fields
    names = _root_names(operation.selection_set, dict(fragments)) & fields.keys()
    is_search = operation.operation is OperationType.QUERY and any(cost_of(fields[name]) == SEARCH for name in names)
    return Priority.SEARCH if is_search else Priority.READ


def _root_names(selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> set[str]:
    """Returns the names of the selected fields. Each fragment is visited once."""
    names, todo = set[str](), [selections]
    while todo:
        for node in todo.pop().selections:
            if is_never_selected(node):
                continue
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                todo.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and (fragment := fragments.pop(node.name.value, None)):
                todo.append(fragment.selection_set)
    return names
