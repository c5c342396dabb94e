"""What the values and variables of a document use: arguments, input types and their fields, enum values."""

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
    """Notes what is sent."""

    def __init__(self, schema: GraphQLSchema, uses: "Uses") -> None:
        self.schema = schema
        self.uses = uses
        self.may_be_left_out: set[str] = set()
        """Variables that need no value."""

    def variable(self, node: VariableDefinitionNode) -> None:
        named = _named(node.type)
        self.uses.note(node, named.name.value)
        self.uses.note(named, named.name.value)
        if not isinstance(node.type, NonNullTypeNode) and not node.default_value:
            self.may_be_left_out.add(node.variable.name.value)
        kind = self.schema.get_type(named.name.value)
        self._sent(kind)
        if node.default_value and kind:
            self._value(node.default_value, kind, ())

    def arguments(
        self,
        nodes: Sequence[ArgumentNode],
        definition: GraphQLField | GraphQLDirective | None,
        of: str,
        owner: Node,
        also_left_out: Iterable[str] = (),
    ) -> None:
        given = {node.name.value: node for node in nodes}
        for name, node in given.items():
            coordinate = f"{of}({name}:)"
            self.uses.elements.add(coordinate)
            self.uses.note(node, coordinate)
            self.uses.note(owner, coordinate)
            if definition and name in definition.args:
                self._value(node.value, named_type(definition.args[name].type), (coordinate,))
        for name, argument in definition.args.items() if definition else ():
            if name not in given or self._open(given[name].value):
                places = (f"{each}({name}:)" for each in (of, *also_left_out))
                self.uses.left_out.update(() if is_required_argument(argument) else places)

    def may_give(self, of: str, arguments: Mapping[str, GraphQLArgument]) -> None:
        """Notes arguments of which it is not known whether they are given, and with which values."""
        for name, argument in arguments.items():
            self.uses.elements.add(f"{of}({name}:)")
            self._sent(named_type(argument.type))
            if not is_required_argument(argument):
                self.uses.left_out.add(f"{of}({name}:)")

    def _open(self, value: ValueNode) -> bool:
        return isinstance(value, VariableNode) and value.name.value in self.may_be_left_out

    def _value(self, node: ValueNode, kind: GraphQLNamedType, at: Iterable[str]) -> None:
        self.uses.note(node, kind.name, *at)
        self.uses.types.add(kind.name)
        if isinstance(node, ListValueNode):
            for each in node.values:
                self._value(each, kind, at)
        elif isinstance(node, EnumValueNode):
            self.uses.elements.add(f"{kind.name}.{node.value}")
            self.uses.note(node, f"{kind.name}.{node.value}")
        elif isinstance(node, ObjectValueNode) and isinstance(kind, GraphQLInputObjectType):
            self._object(node, kind)

    def _object(self, node: ObjectValueNode, kind: GraphQLInputObjectType) -> None:
        given = {each.name.value: each for each in node.fields}
        for name, each in given.items():
            coordinate = f"{kind.name}.{name}"
            self.uses.elements.add(coordinate)
            self.uses.note(each, coordinate)
            self.uses.note(node, coordinate)
            if name in kind.fields:
                self._value(each.value, named_type(kind.fields[name].type), (coordinate,))
        for name, input_field in kind.fields.items():
            if not is_required_input_field(input_field) and (name not in given or self._open(given[name].value)):
                self.uses.left_out.add(f"{kind.name}.{name}")

    def _sent(self, kind: GraphQLNamedType | None) -> None:
        """A variable may hold anything that its type allows, all the way down."""
        waiting, seen = [kind], set[str]()
        while waiting:
            each = waiting.pop()
            if each is None or each.name in seen:
                continue
            seen.add(each.name)
            self.uses.types.add(each.name)
            if isinstance(each, GraphQLEnumType):
                self.uses.elements |= {f"{each.name}.{value}" for value in each.values}
            elif isinstance(each, GraphQLInputObjectType):
                for name, input_field in each.fields.items():
                    self.uses.elements.add(f"{each.name}.{name}")
                    if not is_required_input_field(input_field):
                        self.uses.left_out.add(f"{each.name}.{name}")
                    waiting.append(named_type(input_field.type))


def named_type(kind: Any) -> GraphQLNamedType:
    """What is in a type's lists and non-nulls; graphql-core leaves their type arguments out."""
    return cast(GraphQLNamedType, get_named_type(kind))


def _named(node: TypeNode) -> NamedTypeNode:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # pyright: ignore[reportAttributeAccessIssue] - what wraps a type has one
    return node
