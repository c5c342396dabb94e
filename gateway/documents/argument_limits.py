"""Arguments with a greatest value, checked before anything runs, wherever in the document they stand.

A schema says so in the metadata of the argument: `strawberry.argument(metadata={"most": 100})`; the least is 1.
"""

from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any, NamedTuple

from graphql import (
    GRAPHQL_MAX_INT,
    ArgumentNode,
    DocumentNode,
    GraphQLSchema,
    IntValueNode,
    NullValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_location,
    visit,
)
from graphql.language import Visitor

from core.errors import BadUserInput
from gateway.errors.request_error import reject


class ArgumentLimits(NamedTuple):
    """Of an argument; `nullable` where null is as good as nothing."""

    least: int
    most: int
    nullable: bool = True

    def excess(self, value: object) -> str:
        """What is wrong with a value, if it is a number or null; of others graphql-core tells."""
        if value is None:
            return "" if self.nullable else "send a number, not null."
        if isinstance(value, bool) or not isinstance(value, int) or self.least <= value <= self.most:
            return ""
        return f"must be from {self.least} to {self.most}, not {value}."


class LimitedArgument(NamedTuple):
    """An argument as a document gives it: a number, or a variable and what it stands for when it is not sent."""

    name: str
    bounds: ArgumentLimits
    variable: str | None
    value: int | EllipsisType | None
    place: Mapping[str, int]
    """Line and column of the argument in the document."""


_STREAM = ArgumentLimits(0, GRAPHQL_MAX_INT, nullable=False)
"""Of `@stream(initialCount:)`: what it may not be graphql-core takes for a fault of ours."""


def check_argument_limits(arguments: Sequence[LimitedArgument], variables: Mapping[str, Any]) -> None:
    """`RequestError` names the first argument that is out of bounds."""
    for argument in arguments:
        value = variables.get(argument.variable, argument.value) if argument.variable else argument.value
        if excess := argument.bounds.excess(value):
            raise reject(BadUserInput(argument.name, excess), places=[argument.place])


def limited_arguments(schema: GraphQLSchema, document: DocumentNode) -> list[LimitedArgument]:
    """Of a valid document: so what stands for a number, or is the default of what does, is one or null."""
    visitor = _Visitor(TypeInfo(schema))
    visit(document, TypeInfoVisitor(visitor.type_info, visitor))
    return [
        argument._replace(value=_number(visitor.defaults[argument.variable]))
        if argument.variable in visitor.defaults
        else argument
        for argument in visitor.found
    ]


class _Visitor(Visitor):
    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self.type_info = type_info
        self.found: list[LimitedArgument] = []
        self.defaults: dict[str | None, ValueNode] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            self.defaults[node.variable.name.value] = node.default_value

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        value, bounds = node.value, self._bounds()
        if bounds is not None:
            variable = value.name.value if isinstance(value, VariableNode) else None
            self.found.append(LimitedArgument(node.name.value, bounds, variable, _number(value), _place(node)))

    def _bounds(self) -> ArgumentLimits | None:
        """Of the argument that is visited."""
        directive, definition = self.type_info.get_directive(), self.type_info.get_argument()
        if directive is not None:
            return _STREAM if definition is directive.args.get("initialCount") else None
        declared = definition.extensions.get("strawberry-definition") if definition else None
        most = declared.metadata.get("most") if declared else None
        return None if most is None else ArgumentLimits(1, most)


def _place(node: ArgumentNode) -> Mapping[str, int]:
    if node.loc is None:
        return {}
    line, column = get_location(node.loc.source, node.loc.start)
    return {"line": line, "column": column}


def _number(node: ValueNode) -> int | EllipsisType | None:
    """Nothing, `...`, of a variable that has no default."""
    if isinstance(node, NullValueNode):
        return None
    return int(node.value) if isinstance(node, IntValueNode) else ...
