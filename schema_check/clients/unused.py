"""Removes variables and fragments that stripping leaves unused."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from graphql import (
    SKIP,
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    VisitorAction,
    visit,
)


class UsedNames(NamedTuple):
    """Holds the names that an operation uses directly or through its fragments."""

    variables: set[str]
    fragments: set[str]


def used_names(document: DocumentNode) -> UsedNames:
    """Returns the variables and fragments that the operations of a document use."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    unvisited: list[Node] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    used = UsedNames(set(), set())
    while unvisited:
        names = _Names()
        visit(unvisited.pop(), names)
        used.variables.update(names.variables)
        new = names.spreads - used.fragments
        used.fragments.update(new)
        unvisited += [fragments[name] for name in sorted(new) if name in fragments]
    return used


def remove_unused(document: DocumentNode, *before: UsedNames) -> DocumentNode:
    """Removes what was used before and is not any longer. Names that were never used stay, as a developer's error."""
    after = used_names(document)
    unused_fragments = set[str]().union(*(used.fragments for used in before)) - after.fragments
    unused_variables = set[str]().union(*(used.variables for used in before)) - after.variables
    definitions = [
        node
        for node in document.definitions
        if not (isinstance(node, FragmentDefinitionNode) and node.name.value in unused_fragments)
    ]
    return DocumentNode(
        definitions=tuple(
            replace(node, variable_definitions=_without(node.variable_definitions or (), unused_variables))
            if isinstance(node, OperationDefinitionNode)
            else node
            for node in definitions
        )
    )


def _without(nodes: Iterable[VariableDefinitionNode], names: set[str]) -> tuple[VariableDefinitionNode, ...]:
    return tuple(node for node in nodes if node.variable.name.value not in names)


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables = set[str]()
        self.spreads = set[str]()

    def enter_variable_definition(self, *_args: object) -> VisitorAction:
        return SKIP

    def enter_variable(self, node: VariableNode, *_args: object) -> None:
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_args: object) -> None:
        self.spreads.add(node.name.value)
