"""The class of an operation for the limits on rates."""

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from gateway.costs.selections import is_never_selected
from gateway.costs.weights import Weights
from schema.rates import RateClass


def rate_class_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode], weights: Weights
) -> RateClass:
    """Returns the greatest class of the root fields that may be executed.

    A field with a literal `@skip(if: true)` or `@include(if: false)` does not count. With a variable it does, whatever
    the value.
    """
    if operation.operation is not OperationType.MUTATION:
        return RateClass.READS
    names = _root_fields(operation.selection_set, fragments, set())
    return max(map(weights.rate_class, names), default=RateClass.WRITES)


def _root_fields(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> Iterable[str]:
    for node in selected.selections:
        if is_never_selected(node):
            continue
        if isinstance(node, FieldNode):
            yield node.name.value
        elif isinstance(node, FragmentSpreadNode):
            if node.name.value not in seen:
                seen.add(node.name.value)
                yield from _root_fields(fragments[node.name.value].selection_set, fragments, seen)
        elif isinstance(node, InlineFragmentNode):
            yield from _root_fields(node.selection_set, fragments, seen)
