"""Sizes of lists, from the slicing arguments of fields."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from graphql import (
    BooleanValueNode,
    FieldNode,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)
from graphql.pyutils import Undefined

from gateway.costs.terms import MAX_SIZE, AnySize, ArgumentSize, LargestSize, size_of
from gateway.costs.weights import DEFAULT_SIZE, SizeRule

UNDECLARED = ArgumentSize(DEFAULT_SIZE)
"""The size of a list that the schema does not declare."""


class SizedPage(NamedTuple):
    """The size of a page, and the names of its lists."""

    size: AnySize
    fields: frozenset[str]


class ArgumentSizes:
    """Reads the sizes of lists in one operation, with the defaults of its variables.

    `boolean_defaults` are those of variables for `@include` and `@skip`.
    """

    def __init__(self, operation: OperationDefinitionNode) -> None:
        self._defaults: Mapping[str, ValueNode] = {
            definition.variable.name.value: definition.default_value
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        }

        self.boolean_defaults: Mapping[str, bool] = {
            name: value.value for name, value in self._defaults.items() if isinstance(value, BooleanValueNode)
        }

    def of_field(
        self, node: FieldNode, definition: GraphQLField, rule: SizeRule | None
    ) -> tuple[AnySize, SizedPage | None]:
        """Returns the size of the list that a field returns, or the page that its object is."""
        if rule is None:
            return UNDECLARED, None
        size = self._of_rule(node, definition, rule)
        return (UNDECLARED, SizedPage(size, rule.fields)) if rule.fields else (size, None)

    def _of_rule(self, node: FieldNode, definition: GraphQLField, rule: SizeRule) -> AnySize:
        """Returns the largest size that an argument of a field gives, or the assumed size."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        sizes = tuple(
            size
            for name in rule.arguments
            if (size := self._of_argument(given.get(name), definition.args[name], rule.assumed)) is not None
        )
        if not sizes:
            return ArgumentSize(rule.assumed)
        return sizes[0] if len(sizes) == 1 else LargestSize(sizes)

    def _of_argument(self, value: ValueNode | None, argument: Any, assumed: float) -> ArgumentSize | None:
        """Returns the size of an argument, or None if it has no value."""
        declared = argument.default_value
        absent = size_of(declared, assumed) if declared is not None and declared is not Undefined else None
        if value is None:
            return None if absent is None else ArgumentSize(absent)
        if not isinstance(value, VariableNode):
            return ArgumentSize(_of_literal(value, assumed))
        name = value.name.value
        default = self._defaults.get(name)
        constant = _of_literal(default, assumed) if default is not None else (assumed if absent is None else absent)
        return ArgumentSize(constant, name, assumed)


def _of_literal(node: ValueNode, assumed: float) -> float:
    if isinstance(node, NullValueNode):
        return assumed
    if isinstance(node, ListValueNode):
        return min(float(len(node.values)), MAX_SIZE)
    if isinstance(node, IntValueNode):
        return size_of(int(node.value), assumed)
    return 1.0 if isinstance(node, StringValueNode) else assumed
