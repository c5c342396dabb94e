"""Limits of numeric arguments, checked in the whole document before it is executed.

A schema declares the maximum in the metadata of an argument: `strawberry.argument(metadata={"maximum": 100})`. The
minimum is 1.
"""

from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any, NamedTuple

from graphql import (
    GRAPHQL_MAX_INT,
    ArgumentNode,
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
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
    """The range of an argument. If it is `nullable`, null has the same effect as no value."""

    minimum: int
    maximum: int
    nullable: bool = True

    def excess(self, value: object) -> str:
        """Returns why a number or null is rejected, or an empty text.

        graphql-core rejects values of other types. It reads 5.0 as the number 5.
        """
        if value is None:
            return "" if self.nullable else "send a number, not null."
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or self.minimum <= value <= self.maximum:
            return ""
        return f"must be from {self.minimum} to {self.maximum}, not {value}."


class LimitedArgument(NamedTuple):
    """An argument in a document: a number, or a variable and its default."""

    name: str
    limits: ArgumentLimits
    variable: str | None
    value: int | EllipsisType | None
    location: Mapping[str, int]
    """Line and column of the argument in the document."""


_MAXIMUM = "maximum"
_EARLIER_MAXIMUM = "most"
_STREAM = ArgumentLimits(0, GRAPHQL_MAX_INT, nullable=False)
"""The limits of `@stream(initialCount:)`. For other values graphql-core raises an internal error."""


def check_declared_maximums(schema: GraphQLSchema) -> None:
    """Raises `ValueError` if an argument has a maximum under the key of earlier versions, which would not limit it."""
    for type_ in schema.type_map.values():
        has_arguments = isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        fields: Mapping[str, Any] = type_.fields if has_arguments else {}
        for field_name, field in fields.items():
            for name, argument in field.args.items():
                metadata = _metadata(argument)
                if isinstance(earlier := metadata.get(_EARLIER_MAXIMUM), int) and _MAXIMUM not in metadata:
                    raise ValueError(
                        f'{type_.name}.{field_name}({name}:): metadata={{"{_EARLIER_MAXIMUM}": {earlier}}} does not '
                        f'limit the argument; declare metadata={{"{_MAXIMUM}": {earlier}}}'
                    )


def check_argument_limits(arguments: Sequence[LimitedArgument], variables: Mapping[str, Any]) -> None:
    """Raises `RequestError` for the first argument whose value exceeds its limits."""
    for argument in arguments:
        value = variables.get(argument.variable, argument.value) if argument.variable else argument.value
        if excess := argument.limits.excess(value):
            raise reject(BadUserInput(argument.name, excess), locations=[argument.location])


def limited_arguments(schema: GraphQLSchema, document: DocumentNode) -> list[LimitedArgument]:
    """Returns the arguments with limits in a valid document. Their values and defaults are numbers or null."""
    visitor = _Visitor(TypeInfo(schema))
    visit(document, TypeInfoVisitor(visitor.type_info, visitor))
    return [
        argument._replace(value=_number(visitor.defaults[argument.variable]))
        if argument.variable in visitor.defaults
        else argument
        for argument in visitor.arguments
    ]


class _Visitor(Visitor):
    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self.type_info = type_info
        self.arguments: list[LimitedArgument] = []
        self.defaults: dict[str | None, ValueNode] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            self.defaults[node.variable.name.value] = node.default_value

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        value, limits = node.value, self._limits()
        if limits is not None:
            variable = value.name.value if isinstance(value, VariableNode) else None
            self.arguments.append(LimitedArgument(node.name.value, limits, variable, _number(value), _location(node)))

    def _limits(self) -> ArgumentLimits | None:
        """Returns the limits of the current argument."""
        directive, definition = self.type_info.get_directive(), self.type_info.get_argument()
        if directive is not None:
            return _STREAM if definition is directive.args.get("initialCount") else None
        maximum = _metadata(definition).get(_MAXIMUM) if definition else None
        return None if maximum is None else ArgumentLimits(1, maximum)


def _metadata(argument: Any) -> Mapping[Any, Any]:
    declared = argument.extensions.get("strawberry-definition")
    return declared.metadata if declared else {}


def _location(node: ArgumentNode) -> Mapping[str, int]:
    if node.loc is None:
        return {}
    line, column = get_location(node.loc.source, node.loc.start)
    return {"line": line, "column": column}


def _number(node: ValueNode) -> int | EllipsisType | None:
    """Returns `...` for a variable without a default."""
    if isinstance(node, NullValueNode):
        return None
    return int(node.value) if isinstance(node, IntValueNode) else ...
