"""From the document that a developer wrote to the one that the client sends."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from graphql import (
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
)

from schema_check.clients.directives import (
    LOCAL_FIELDS,
    LOCAL_OPERATIONS,
    OF_RELAY_ALONE,
    POPULATE,
    REFETCHABLE,
    RELAY_ID,
    is_client_only,
)
from schema_check.clients.fragments import inline_arguments
from schema_check.clients.unused import remove_unused, used_names

_TYPENAME = FieldNode(name=NameNode(value="__typename"))


class SentDocument(NamedTuple):
    """What a client makes of a document."""

    document: DocumentNode | None
    """None when the client answers the whole operation itself."""
    generated: frozenset[str] = frozenset()
    """Names of the queries that the client's compiler writes beside this one."""
    of_relay: bool = False
    """Whether relay-compiler would add fields to it."""


def strip_document(text: str, document: DocumentNode, schema: GraphQLSchema) -> SentDocument:
    """A directive that the schema defines is the server's, whatever its name, and stays."""
    if "@" not in text and RELAY_ID not in text:
        return SentDocument(document)
    known = frozenset(directive.name for directive in schema.directives)
    taking = _Taking(known)
    inlined = inline_arguments(document, known)
    definitions = taking.definitions(inlined.definitions)
    while taking.found_empty:
        definitions = taking.definitions(inlined.definitions)
    if not any(isinstance(each, OperationDefinitionNode) for each in definitions):
        return SentDocument(None)
    left = remove_unused(DocumentNode(definitions=definitions), used_names(document), used_names(inlined))
    return SentDocument(left, frozenset(taking.generated), taking.of_relay)


class _Taking:
    """Takes out what only clients know. It is repeated until no more fragments are found that have nothing left."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.generated = set[str]()
        self.empty = set[str]()
        """Fragments of which nothing but `__typename` is left. Apollo does not send them."""
        self.found_empty = False
        self.of_relay = False

    def definitions(self, nodes: Sequence[DefinitionNode]) -> tuple[DefinitionNode, ...]:
        self.found_empty = False
        return tuple(made for node in nodes if (made := self._definition(node)))

    def _definition(self, node: DefinitionNode) -> DefinitionNode | None:
        if isinstance(node, OperationDefinitionNode):
            selections = self._selections(node.selection_set)
            if not selections or self._has(node.directives, LOCAL_OPERATIONS):
                return None
            variables = node.variable_definitions and tuple(
                replace(each, directives=self._directives(each.directives)) for each in node.variable_definitions
            )
            made = replace(node, variable_definitions=variables, selection_set=_set(selections))
            return replace(made, directives=self._directives(node.directives))
        if isinstance(node, FragmentDefinitionNode) and node.name.value not in self.empty:
            self._note_generated(node)
            made = replace(node, selection_set=_set(self._selections(node.selection_set) or (_TYPENAME,)))
            left = made.selection_set.selections
            if left != node.selection_set.selections and all(map(_is_typename, left)):
                self.found_empty = True
                self.empty.add(node.name.value)
            return replace(made, directives=self._directives(node.directives))
        return None

    def _selections(self, node: SelectionSetNode) -> tuple[SelectionNode, ...]:
        return tuple(made for each in node.selections if (made := self._selection(each)))

    def _selection(self, node: SelectionNode) -> SelectionNode | None:
        if self._has(node.directives, LOCAL_FIELDS):
            return None
        directives = self._directives(node.directives)
        if isinstance(node, FragmentSpreadNode):
            return None if node.name.value in self.empty else replace(node, directives=directives)
        if isinstance(node, FieldNode):
            if node.name.value == RELAY_ID:
                return None
            inner = node.selection_set and _set(self._selections(node.selection_set) or (_TYPENAME,))
            if not inner and self._has(node.directives, {POPULATE}):
                inner = _set((_TYPENAME,))
            return replace(node, directives=directives, selection_set=inner)
        if isinstance(node, InlineFragmentNode):
            selections = self._selections(node.selection_set) or (_TYPENAME,)
            return replace(node, directives=directives, selection_set=_set(selections))
        return node

    def _directives(self, nodes: Sequence[DirectiveNode] | None) -> tuple[DirectiveNode, ...]:
        names = {node.name.value for node in nodes or ()} - self.known
        self.of_relay = self.of_relay or not names.isdisjoint(OF_RELAY_ALONE)
        return tuple(node for node in nodes or () if not (node.name.value in names and is_client_only(node.name.value)))

    def _has(self, nodes: Sequence[DirectiveNode] | None, names: frozenset[str] | set[str]) -> bool:
        return any(node.name.value in names - self.known for node in nodes or ())

    def _note_generated(self, node: FragmentDefinitionNode) -> None:
        for each in node.directives or ():
            if each.name.value == REFETCHABLE and REFETCHABLE not in self.known:
                values = [argument.value for argument in each.arguments or () if argument.name.value == "queryName"]
                self.generated |= {value.value for value in values if isinstance(value, StringValueNode)}


def _set(selections: tuple[SelectionNode, ...]) -> SelectionSetNode:
    return SelectionSetNode(selections=selections)


def _is_typename(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.name.value == _TYPENAME.name.value
