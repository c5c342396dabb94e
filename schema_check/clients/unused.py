"""Variables and fragments that are no longer used once something has been taken out."""

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
    """The names that an operation uses, by itself or through its fragments."""

    variables: set[str]
    fragments: set[str]


def used_names(document: DocumentNode) -> UsedNames:
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    waiting: list[Node] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    used = UsedNames(set(), set())
    while waiting:
        found = _Names()
        visit(waiting.pop(), found)
        used.variables.update(found.variables)
        new = found.spreads - used.fragments
        used.fragments.update(new)
        waiting += [fragments[name] for name in sorted(new) if name in fragments]
    return used


def remove_unused(document: DocumentNode, *before: UsedNames) -> DocumentNode:
    """Takes out what is no longer used. What was unused from the beginning stays, since it is the developer's issue."""
    after = used_names(document)
    gone = set[str]().union(*(used.fragments for used in before)) - after.fragments
    kept = [
        each
        for each in document.definitions
        if not (isinstance(each, FragmentDefinitionNode) and each.name.value in gone)
    ]
    variables = set[str]().union(*(used.variables for used in before)) - after.variables
    return DocumentNode(
        definitions=tuple(
            replace(each, variable_definitions=_kept(each.variable_definitions or (), variables))
            if isinstance(each, OperationDefinitionNode)
            else each
            for each in kept
        )
    )


def _kept(nodes: Iterable[VariableDefinitionNode], gone: set[str]) -> tuple[VariableDefinitionNode, ...]:
    return tuple(node for node in nodes if node.variable.name.value not in gone)


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
