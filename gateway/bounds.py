"""Arguments with a greatest value, checked before anything runs, wherever in the document they stand.

A schema says so in the metadata of the argument: `strawberry.argument(metadata={"most": 100})`; the least is 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLSchema,
    IntValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    visit,
)
from graphql.language import Visitor

from core.errors import BadUserInput
from gateway.errors import refuse


class BoundedArgument(NamedTuple):
    """An argument as a document gives it: a number, or a variable and the number it stands for when it is not sent."""

    name: str
    most: int
    variable: str | None
    number: int | None


def check_bounds(arguments: Sequence[BoundedArgument], variables: Mapping[str, Any]) -> None:
    """`NotExecuted` names the first argument that is out of bounds."""
    for argument in arguments:
        number = variables.get(argument.variable, argument.number) if argument.variable else argument.number
        if isinstance(number, int) and not isinstance(number, bool) and not 1 <= number <= argument.most:
            raise refuse(BadUserInput(argument.name, f"ask for 1 to {argument.most}, not {number}."))


def bounded_arguments(schema: GraphQLSchema, document: DocumentNode) -> list[BoundedArgument]:
    visitor = _Bounds(TypeInfo(schema))
    visit(document, TypeInfoVisitor(visitor.type_info, visitor))
    return [
        argument._replace(number=visitor.defaults.get(argument.variable)) if argument.variable else argument
        for argument in visitor.found
    ]


class _Bounds(Visitor):
    def __init__(self, type_info: TypeInfo) -> None:
        super().__init__()
        self.type_info = type_info
        self.found: list[BoundedArgument] = []
        self.defaults: dict[str, int] = {}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        if isinstance(node.default_value, IntValueNode):
            self.defaults[node.variable.name.value] = int(node.default_value.value)

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        definition = self.type_info.get_argument()
        declared = definition.extensions.get("strawberry-definition") if definition else None
        most = declared.metadata.get("most") if declared else None
        if most is None:
            return
        name, value = node.name.value, node.value
        if isinstance(value, IntValueNode):
            self.found.append(BoundedArgument(name, most, None, int(value.value)))
        elif isinstance(value, VariableNode):
            self.found.append(BoundedArgument(name, most, value.name.value, None))
