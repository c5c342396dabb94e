"""Strips a document as clients do before they send it."""

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
    """Holds the document that a client sends."""

    document: DocumentNode | None
    """None when the client executes the whole operation itself."""
    generated: frozenset[str] = frozenset()
    """The names of further queries that the client's compiler generates."""
    of_relay: bool = False
    """True when relay-compiler would add fields to the document."""


def strip_document(text: str, document: DocumentNode, schema: GraphQLSchema) -> SentDocument:
    """Returns the document that the client sends. Directives that the schema defines stay, whatever their names."""
    if "@" not in text and RELAY_ID not in text:
        return SentDocument(document)
    server_directives = frozenset(directive.name for directive in schema.directives)
    stripper = _Stripper(server_directives)
    inlined = inline_arguments(document, server_directives)
    definitions = stripper.definitions(inlined.definitions)
    while stripper.found_empty:
        definitions = stripper.definitions(inlined.definitions)
    if not any(isinstance(node, OperationDefinitionNode) for node in definitions):
        return SentDocument(None)
    stripped = remove_unused(DocumentNode(definitions=definitions), used_names(document), used_names(inlined))
    return SentDocument(stripped, frozenset(stripper.generated), stripper.of_relay)


class _Stripper:
    """Removes what only clients use. The caller repeats this until it finds no further empty fragment."""

    def __init__(self, server_directives: frozenset[str]) -> None:
        self.server_directives = server_directives
        self.generated = set[str]()
        self.empty = set[str]()
        """Fragments that have only `__typename` left. Apollo does not send them."""
        self.found_empty = False
        self.of_relay = False

    def definitions(self, nodes: Sequence[DefinitionNode]) -> tuple[DefinitionNode, ...]:
        self.found_empty = False
        return tuple(stripped for node in nodes if (stripped := self._definition(node)))

    def _definition(self, node: DefinitionNode) -> DefinitionNode | None:
        if isinstance(node, OperationDefinitionNode):
            selections = self._selections(node.selection_set)
            if not selections or self._has(node.directives, LOCAL_OPERATIONS):
                return None
            variables = node.variable_definitions and tuple(
                replace(variable, directives=self._directives(variable.directives))
                for variable in node.variable_definitions
            )
            stripped = replace(node, variable_definitions=variables, selection_set=_set(selections))
            return replace(stripped, directives=self._directives(node.directives))
        if isinstance(node, FragmentDefinitionNode) and node.name.value not in self.empty:
            self._note_generated(node)
            stripped = replace(node, selection_set=_set(self._selections(node.selection_set) or (_TYPENAME,)))
            selections = stripped.selection_set.selections
            if selections != node.selection_set.selections and all(map(_is_typename, selections)):
                self.found_empty = True
                self.empty.add(node.name.value)
            return replace(stripped, directives=self._directives(node.directives))
        return None

    def _selections(self, node: SelectionSetNode) -> tuple[SelectionNode, ...]:
        return tuple(stripped for selection in node.selections if (stripped := self._selection(selection)))

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
        names = {node.name.value for node in nodes or ()} - self.server_directives
        self.of_relay = self.of_relay or not names.isdisjoint(OF_RELAY_ALONE)
        return tuple(node for node in nodes or () if not (node.name.value in names and is_client_only(node.name.value)))

    def _has(self, nodes: Sequence[DirectiveNode] | None, names: frozenset[str] | set[str]) -> bool:
        return any(node.name.value in names - self.server_directives for node in nodes or ())

    def _note_generated(self, node: FragmentDefinitionNode) -> None:
        for directive in node.directives or ():
            if directive.name.value == REFETCHABLE and REFETCHABLE not in self.server_directives:
                names = [node.value for node in directive.arguments or () if node.name.value == "queryName"]
                self.generated |= {name.value for name in names if isinstance(name, StringValueNode)}


def _set(selections: tuple[SelectionNode, ...]) -> SelectionSetNode:
    return SelectionSetNode(selections=selections)


def _is_typename(node: SelectionNode) -> bool:
    return isinstance(node, FieldNode) and node.name.value == _TYPENAME.name.value
