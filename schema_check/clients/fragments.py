"""Relay's fragments with arguments: each set of arguments makes a fragment of its own, as its compiler does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from graphql import (
    REMOVE,
    ArgumentNode,
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    NameNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    parse_type,
    print_ast,
    visit,
)

from schema_check.clients.directives import ARGUMENT_DEFINITIONS, ARGUMENTS
from schema_check.errors import SchemaCheckError

MOST = 1_000
"""Fragments that one operation may become."""
LONGEST = 100_000
"""Letters, without white space, of the arguments of a fragment. One that spreads itself may double them each time."""
PROVIDED = "__relay_internal__pv__"
"""How the compiler calls variables that the app provides."""

ArgumentValues = Mapping[str, ValueNode | None]
"""Of a fragment's arguments; None for one that is not given and has no default."""


def inline_arguments(document: DocumentNode, known: frozenset[str]) -> DocumentNode:
    names = {ARGUMENT_DEFINITIONS, *ARGUMENTS} - known
    if not names:
        return document
    inlining = _Inlining(document, names)
    return inlining.document() if inlining.is_needed() else document


class _Call(NamedTuple):
    name: str
    fragment: FragmentDefinitionNode
    values: ArgumentValues


class _Inlining:
    def __init__(self, document: DocumentNode, names: set[str]) -> None:
        self.source = document
        self.names = names
        self.fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self.provided: dict[str, str] = {}
        """Types of variables that the app provides."""
        self._calls: dict[tuple[str, ...], _Call] = {}
        self._waiting: list[_Call] = []

    def is_needed(self) -> bool:
        finding = _Finding(self.names)
        visit(self.source, finding)
        return finding.found

    def document(self) -> DocumentNode:
        operations = [
            visit(each, _Binding(self, {}))
            for each in self.source.definitions
            if isinstance(each, OperationDefinitionNode)
        ]
        made: list[DefinitionNode] = []
        while self._waiting:
            call = self._waiting.pop()
            body: FragmentDefinitionNode = visit(call.fragment, _Binding(self, call.values))
            made.append(replace(body, name=NameNode(value=call.name)))
        reached = {call.fragment.name.value for call in self._calls.values()}
        made += [each for name, each in self.fragments.items() if name not in reached]
        provided = tuple(_variable(name, kind) for name, kind in sorted(self.provided.items()))
        return DocumentNode(
            definitions=(
                *(
                    replace(each, variable_definitions=(*(each.variable_definitions or ()), *provided))
                    for each in operations
                ),
                *made,
            )
        )

    def called(self, node: FragmentSpreadNode) -> FragmentSpreadNode:
        """Returns the spread of the fragment that these arguments make."""
        given = [argument for each in self._taken(node.directives) for argument in each.arguments or ()]
        kept = tuple(each for each in node.directives or () if each.name.value not in ARGUMENTS & self.names)
        fragment = self.fragments.get(node.name.value)
        if fragment is None:
            return replace(node, directives=kept)
        values = self._values(fragment, {each.name.value: each.value for each in given})
        key = (
            node.name.value,
            *(f"{name}: {print_ast(value)}" for name, value in sorted(values.items()) if value is not None),
        )
        if key not in self._calls:
            self._calls[key] = _Call(self._name(node.name.value), fragment, values)
            self._waiting.append(self._calls[key])
            if len(self._calls) > MOST:
                raise SchemaCheckError(
                    f"The fragment {node.name.value} with its arguments makes over {MOST} fragments."
                )
            if sum(len("".join(part.split())) for part in key) > LONGEST:
                raise SchemaCheckError(f"The fragment {node.name.value} has arguments of over {LONGEST} letters.")
        return replace(node, name=NameNode(value=self._calls[key].name), directives=kept)

    def _name(self, fragment: str) -> str:
        """Returns the fragment's own name the first time, then names that no other fragment has."""
        taken = {call.name for call in self._calls.values()}
        if fragment not in taken:
            return fragment
        taken |= self.fragments.keys()
        return next(name for number in count(1) if (name := f"{fragment}__{number}") not in taken)

    def _taken(self, nodes: Sequence[DirectiveNode] | None) -> list[DirectiveNode]:
        return [each for each in nodes or () if each.name.value in ARGUMENTS & self.names]

    def _values(self, fragment: FragmentDefinitionNode, given: ArgumentValues) -> ArgumentValues:
        values: dict[str, ValueNode | None] = {}
        for each in fragment.directives or ():
            if each.name.value != ARGUMENT_DEFINITIONS or ARGUMENT_DEFINITIONS not in self.names:
                continue
            for argument in each.arguments or ():
                name = argument.name.value
                values[name] = given.get(name) or self._default(name, argument.value)
        return values

    def _default(self, name: str, definition: ValueNode) -> ValueNode | None:
        fields = definition.fields if isinstance(definition, ObjectValueNode) else ()
        said = {each.name.value: each.value for each in fields}
        kind = said.get("type")
        if "provider" in said and isinstance(kind, StringValueNode):
            self.provided[f"{PROVIDED}{name}"] = kind.value
            return VariableNode(name=NameNode(value=f"{PROVIDED}{name}"))
        return said.get("defaultValue")


def _variable(name: str, kind: str) -> VariableDefinitionNode:
    try:
        return VariableDefinitionNode(variable=VariableNode(name=NameNode(value=name)), type=parse_type(kind))
    except GraphQLError:
        raise SchemaCheckError(f"{kind!r}, the type of a fragment's argument, is not a type.") from None


class _Binding(Visitor):
    """Puts values in the place of a fragment's arguments, and calls the fragments in it."""

    def __init__(self, inlining: _Inlining, values: ArgumentValues) -> None:
        super().__init__()
        self.inlining = inlining
        self.values = values

    def enter_argument(self, node: ArgumentNode, *_args: object) -> VisitorAction | None:
        name = node.value.name.value if isinstance(node.value, VariableNode) else ""
        return REMOVE if name in self.values and self.values[name] is None else None

    def leave_variable(self, node: VariableNode, *_args: object) -> Node | None:
        if node.name.value not in self.values:
            return None
        return self.values[node.name.value] or NullValueNode()

    def leave_fragment_spread(self, node: FragmentSpreadNode, *_args: object) -> Node:
        return self.inlining.called(node)


class _Finding(Visitor):
    """Whether one of some directives is in a document."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names
        self.found = False

    def enter_directive(self, node: DirectiveNode, *_args: object) -> None:
        self.found = self.found or node.name.value in self.names
