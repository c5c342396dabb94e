"""Collects what the values and variables of a document use: arguments, input types, input fields and enum values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    ArgumentNode,
    EnumValueNode,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    ListValueNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    ObjectValueNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

if TYPE_CHECKING:
    from schema_check.operations.uses import Uses


class ValueUses:
    """Adds the uses of arguments, values and variables to `uses`."""

    def __init__(self, schema: GraphQLSchema, uses: "Uses") -> None:
        self.schema = schema
        self.uses = uses
        self.optional_variables: set[str] = set()
        """The names of variables that may have no value."""

    def variable(self, node: VariableDefinitionNode) -> None:
        """Adds the type and default of a variable, and everything that its values may contain."""
        named = _named(node.type)
        self.uses.note(node, named.name.value)
        self.uses.note(named, named.name.value)
        if not isinstance(node.type, NonNullTypeNode) and not node.default_value:
            self.optional_variables.add(node.variable.name.value)
        kind = self.schema.get_type(named.name.value)
        self._any_value(kind)
        if node.default_value and kind:
            self._value(node.default_value, kind, ())

    def arguments(
        self,
        nodes: Sequence[ArgumentNode],
        definition: GraphQLField | GraphQLDirective | None,
        owner: str,
        owner_node: Node,
        implementations: Iterable[str] = (),
    ) -> None:
        """Adds the arguments of a field or directive, and those that it omits.

        `implementations` are the coordinates of an interface field on the implementing types.
        """
        arguments = {node.name.value: node for node in nodes}
        for name, node in arguments.items():
            coordinate = f"{owner}({name}:)"
            self.uses.elements.add(coordinate)
            self.uses.note(node, coordinate)
            self.uses.note(owner_node, coordinate)
            if definition and name in definition.args:
                self._value(node.value, named_type(definition.args[name].type), (coordinate,))
        for name, argument in definition.args.items() if definition else ():
            may_be_omitted = name not in arguments or self._is_optional(arguments[name].value)
            if may_be_omitted and not is_required_argument(argument):
                self.uses.omitted.update(f"{coordinate}({name}:)" for coordinate in (owner, *implementations))

    def note_possible_arguments(self, owner: str, arguments: Mapping[str, GraphQLArgument]) -> None:
        """Adds arguments that may be present or omitted, with any value."""
        for name, argument in arguments.items():
            self.uses.elements.add(f"{owner}({name}:)")
            self._any_value(named_type(argument.type))
            if not is_required_argument(argument):
                self.uses.omitted.add(f"{owner}({name}:)")

    def _is_optional(self, value: ValueNode) -> bool:
        return isinstance(value, VariableNode) and value.name.value in self.optional_variables

    def _value(self, node: ValueNode, kind: GraphQLNamedType, at: Iterable[str]) -> None:
        self.uses.note(node, kind.name, *at)
        self.uses.types.add(kind.name)
        if isinstance(node, ListValueNode):
            for item in node.values:
                self._value(item, kind, at)
        elif isinstance(node, EnumValueNode):
            self.uses.elements.add(f"{kind.name}.{node.value}")
            self.uses.note(node, f"{kind.name}.{node.value}")
        elif isinstance(node, ObjectValueNode) and isinstance(kind, GraphQLInputObjectType):
            self._object(node, kind)

    def _object(self, node: ObjectValueNode, kind: GraphQLInputObjectType) -> None:
        fields = {field.name.value: field for field in node.fields}
        for name, field in fields.items():
            coordinate = f"{kind.name}.{name}"
            self.uses.elements.add(coordinate)
            self.uses.note(field, coordinate)
            self.uses.note(node, coordinate)
            if name in kind.fields:
                self._value(field.value, named_type(kind.fields[name].type), (coordinate,))
        for name, definition in kind.fields.items():
            may_be_omitted = name not in fields or self._is_optional(fields[name].value)
            if may_be_omitted and not is_required_input_field(definition):
                self.uses.omitted.add(f"{kind.name}.{name}")

    def _any_value(self, kind: GraphQLNamedType | None) -> None:
        """Adds everything that values of the type may contain, recursively."""
        unvisited, visited = [kind], set[str]()
        while unvisited:
            current = unvisited.pop()
            if current is None or current.name in visited:
                continue
            visited.add(current.name)
            self.uses.types.add(current.name)
            if isinstance(current, GraphQLEnumType):
                self.uses.elements |= {f"{current.name}.{value}" for value in current.values}
            elif isinstance(current, GraphQLInputObjectType):
                for name, definition in current.fields.items():
                    self.uses.elements.add(f"{current.name}.{name}")
                    if not is_required_input_field(definition):
                        self.uses.omitted.add(f"{current.name}.{name}")
                    unvisited.append(named_type(definition.type))


def named_type(kind: Any) -> GraphQLNamedType:
    """Returns the type inside lists and non-nulls. graphql-core does not type their contents."""
    return cast(GraphQLNamedType, get_named_type(kind))


def _named(node: TypeNode) -> NamedTypeNode:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # pyright: ignore[reportAttributeAccessIssue] - list and non-null nodes have a type
    return node
