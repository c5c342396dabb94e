"""Inlines the arguments of Relay's fragments. Like relay-compiler, it makes one fragment of each set of arguments."""

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

MAX_FRAGMENTS = 1_000
"""The maximum number of fragments that one document may expand to."""
MAX_ARGUMENT_LENGTH = 100_000
"""The maximum characters, without white space, of a fragment's arguments. A recursive fragment may double them."""
PROVIDED = "__relay_internal__pv__"
"""The prefix of relay-compiler for variables that the app provides."""

ArgumentValues = Mapping[str, ValueNode | None]
"""The values of a fragment's arguments. None: the argument is omitted and has no default."""


def inline_arguments(document: DocumentNode, server_directives: frozenset[str]) -> DocumentNode:
    """Returns the document with one fragment for each set of arguments. Directives of the server are kept."""
    names = {ARGUMENT_DEFINITIONS, *ARGUMENTS} - server_directives
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
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self.provided: dict[str, str] = {}
        """The types of the variables that the app provides."""
        self._calls: dict[tuple[str, ...], _Call] = {}
        self._pending: list[_Call] = []

    def is_needed(self) -> bool:
        search = _DirectiveSearch(self.names)
        visit(self.source, search)
        return search.found

    def document(self) -> DocumentNode:
        operations = [
            visit(node, _Binding(self, {}))
            for node in self.source.definitions
            if isinstance(node, OperationDefinitionNode)
        ]
        fragments: list[DefinitionNode] = []
        while self._pending:
            call = self._pending.pop()
            body: FragmentDefinitionNode = visit(call.fragment, _Binding(self, call.values))
            fragments.append(replace(body, name=NameNode(value=call.name)))
        reached = {call.fragment.name.value for call in self._calls.values()}
        fragments += [fragment for name, fragment in self.fragments.items() if name not in reached]
        provided = tuple(_variable(name, kind) for name, kind in sorted(self.provided.items()))
        return DocumentNode(
            definitions=(
                *(
                    replace(node, variable_definitions=(*(node.variable_definitions or ()), *provided))
                    for node in operations
                ),
                *fragments,
            )
        )

    def call(self, node: FragmentSpreadNode) -> FragmentSpreadNode:
        """Returns a spread of the fragment with these arguments, and adds that fragment when it is new."""
        arguments = [
            argument for directive in self._arguments(node.directives) for argument in directive.arguments or ()
        ]
        kept = tuple(
            directive for directive in node.directives or () if directive.name.value not in ARGUMENTS & self.names
        )
        fragment = self.fragments.get(node.name.value)
        if fragment is None:
            return replace(node, directives=kept)
        values = self._values(fragment, {argument.name.value: argument.value for argument in arguments})
        key = (
            node.name.value,
            *(f"{name}: {print_ast(value)}" for name, value in sorted(values.items()) if value is not None),
        )
        if key not in self._calls:
            self._calls[key] = _Call(self._name(node.name.value), fragment, values)
            self._pending.append(self._calls[key])
            if len(self._calls) > MAX_FRAGMENTS:
                raise SchemaCheckError(
                    f"The fragment {node.name.value} expands to more than {MAX_FRAGMENTS} fragments by its arguments."
                )
            if sum(len("".join(part.split())) for part in key) > MAX_ARGUMENT_LENGTH:
                raise SchemaCheckError(
                    f"The fragment {node.name.value} has arguments of more than {MAX_ARGUMENT_LENGTH} characters."
                )
        return replace(node, name=NameNode(value=self._calls[key].name), directives=kept)

    def _name(self, fragment: str) -> str:
        """Returns the fragment's own name for its first set of arguments, and a new unique name for each other."""
        taken = {call.name for call in self._calls.values()}
        if fragment not in taken:
            return fragment
        taken |= self.fragments.keys()
        return next(name for number in count(1) if (name := f"{fragment}__{number}") not in taken)

    def _arguments(self, nodes: Sequence[DirectiveNode] | None) -> list[DirectiveNode]:
        return [node for node in nodes or () if node.name.value in ARGUMENTS & self.names]

    def _values(self, fragment: FragmentDefinitionNode, arguments: ArgumentValues) -> ArgumentValues:
        values: dict[str, ValueNode | None] = {}
        for directive in fragment.directives or ():
            if directive.name.value != ARGUMENT_DEFINITIONS or ARGUMENT_DEFINITIONS not in self.names:
                continue
            for definition in directive.arguments or ():
                name = definition.name.value
                values[name] = arguments.get(name) or self._default(name, definition.value)
        return values

    def _default(self, name: str, definition: ValueNode) -> ValueNode | None:
        fields = definition.fields if isinstance(definition, ObjectValueNode) else ()
        values = {field.name.value: field.value for field in fields}
        kind = values.get("type")
        if "provider" in values and isinstance(kind, StringValueNode):
            self.provided[f"{PROVIDED}{name}"] = kind.value
            return VariableNode(name=NameNode(value=f"{PROVIDED}{name}"))
        return values.get("defaultValue")


def _variable(name: str, kind: str) -> VariableDefinitionNode:
    try:
        return VariableDefinitionNode(variable=VariableNode(name=NameNode(value=name)), type=parse_type(kind))
    except GraphQLError:
        raise SchemaCheckError(f"A fragment's argument has the invalid type {kind!r}.") from None


class _Binding(Visitor):
    """Replaces a fragment's arguments by their values, and the spreads in it by calls."""

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
        return self.inlining.call(node)


class _DirectiveSearch(Visitor):
    """Sets `found` when a document contains one of the directives."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names
        self.found = False

    def enter_directive(self, node: DirectiveNode, *_args: object) -> None:
        self.found = self.found or node.name.value in self.names
