"""The arguments of a field, precomputed as far as they do not depend on variables."""

from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLField, GraphQLNonNull, VariableNode, get_argument_values
from graphql.execution.values import coerce_argument
from graphql.language import ListValueNode, ObjectValueNode, ValueNode

from engine.graphql_core import AnyExecutor

_ATOMS = {str, int, float, bool, type(None)}


class Arguments:
    """The arguments of one field of a plan: constants, and the names of variables."""

    __slots__ = ("_definition", "_node", "_template", "_variables")

    def __init__(self, definition: GraphQLField, node: FieldNode) -> None:
        self._definition = definition
        self._node = node
        self._template: dict[str, Any] | None = {}
        self._variables: tuple[tuple[str, str, bool], ...] = ()
        if definition.args or node.arguments:
            self._template = self._compile()

    def _compile(self) -> dict[str, Any] | None:
        """Returns values by name, with None for each variable. Returns None if values are only known at execution."""
        nodes = {argument.name.value: argument for argument in self._node.arguments or ()}
        template: dict[str, Any] = {}
        for name, argument in self._definition.args.items():
            node = nodes.get(name)
            if node and isinstance(node.value, VariableNode):
                out_name = argument.out_name or name
                template[out_name] = None
                nonnull = isinstance(argument.type, GraphQLNonNull)
                self._variables += ((out_name, node.value.name.value, nonnull),)
            elif node and _has_variables(node.value):
                return None
            else:
                try:
                    coerce_argument(template, self._node, name, argument, node, None, None)
                except GraphQLError:
                    return None
        return template if all(map(_is_atom, template.values())) else None

    def values(self, executor: AnyExecutor) -> tuple[dict[str, Any], bool]:
        """Returns the values, and whether all objects may share them. Raises graphql-core's own `GraphQLError`."""
        if self._template is None:
            return self.fresh(executor), False
        if not self._variables:
            return self._template, True
        values = self._template.copy()
        coerced = executor.variable_values.coerced
        shared = True
        for out_name, variable, nonnull in self._variables:
            value = coerced.get(variable)
            if value is None and (nonnull or variable not in coerced):
                return self.fresh(executor), False
            values[out_name] = value
            shared = shared and _is_atom(value)
        return values, shared

    def fresh(self, executor: AnyExecutor) -> dict[str, Any]:
        """Returns new values for one object, because a resolver may modify lists and inputs that it receives."""
        return get_argument_values(
            self._definition, self._node, executor.variable_values, None, executor.hide_suggestions
        )


def _is_atom(value: Any) -> bool:
    return type(value) in _ATOMS or isinstance(value, Enum)


def _has_variables(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variables, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variables(field.value) for field in node.fields)
    return isinstance(node, VariableNode)
