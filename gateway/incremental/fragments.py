"""Fragments that are deferred, and which part of an answer is theirs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
)

Selections = tuple[SelectionSetNode, ...]


class DeferredFragments:
    """The fragments of one operation.

    Conditions of types, `@skip` and `@include` need not be looked at: what they left out is not in the answer. More
    than a fragment asks for may be read, where another one asks for it: clients take what they look for.
    """

    def __init__(self, document: DocumentNode, operation_name: str) -> None:
        self._named = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self._root = next(
            each.selection_set
            for each in document.definitions
            if isinstance(each, OperationDefinitionNode) and (each.name.value if each.name else "") == operation_name
        )
        self._found: dict[tuple[int, ...], Mapping[str, Selections]] = {}

    def read(self, known: Any, path: Sequence[str | int], label: str | None) -> Any:
        """What is known of the fragments that are deferred at a place under a label."""
        place: Selections = (self._root,)
        for key in path:
            if isinstance(key, str):
                place = self._fields(place)[key]
        deferred = ((selected, defer) for selected, defer in self._spread(place) if defer is not None)
        return self._pick(known, tuple(selected for selected, defer in deferred if _label(defer) == label))

    def _pick(self, known: Any, selections: Selections) -> Any:
        if not selections:
            return known
        if isinstance(known, list):
            return [self._pick(each, selections) for each in cast("list[Any]", known)]
        if not isinstance(known, dict):
            return known
        fields = self._fields(selections)
        values = cast("dict[str, Any]", known).items()
        return {name: self._pick(value, fields[name]) for name, value in values if name in fields}

    def _fields(self, selections: Selections) -> Mapping[str, Selections]:
        """What is selected below each field, by its name in the answer."""
        identity = tuple(map(id, selections))
        if identity not in self._found:
            below: defaultdict[str, dict[int, SelectionSetNode]] = defaultdict(dict)
            for selected in (*selections, *(each for each, _ in self._spread(selections))):
                for node in selected.selections:
                    if isinstance(node, FieldNode):
                        fields = below[node.alias.value if node.alias else node.name.value]
                        fields.update({id(node.selection_set): node.selection_set} if node.selection_set else {})
            self._found[identity] = {name: tuple(fields.values()) for name, fields in below.items()}
        return self._found[identity]

    def _spread(self, selections: Selections) -> Collection[tuple[SelectionSetNode, DirectiveNode | None]]:
        """Fragments at a place, at whatever depth, with what defers them; each once, however often it is spread."""
        found: dict[tuple[int, int], tuple[SelectionSetNode, DirectiveNode | None]] = {}
        waiting: list[tuple[SelectionSetNode, DirectiveNode | None]] = [(each, None) for each in selections]
        while waiting:
            selected, around = waiting.pop()
            for node in selected.selections:
                if isinstance(node, FragmentSpreadNode | InlineFragmentNode):
                    inside = node if isinstance(node, InlineFragmentNode) else self._named[node.name.value]
                    entry = inside.selection_set, _defer(node) or around
                    if (key := (id(entry[0]), id(entry[1]))) not in found:
                        found[key] = entry
                        waiting.append(entry)
        return found.values()


def _defer(node: FragmentSpreadNode | InlineFragmentNode) -> DirectiveNode | None:
    return next((each for each in node.directives or () if each.name.value == "defer"), None)


def _label(defer: DirectiveNode) -> str | None:
    for argument in defer.arguments or ():
        if argument.name.value == "label" and isinstance(argument.value, StringValueNode):
            return argument.value.value
    return None
