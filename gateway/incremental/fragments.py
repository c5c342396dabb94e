"""Selects the data of deferred fragments from a response."""

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
    """The deferred fragments of one operation.

    Type conditions, `@skip` and `@include` are ignored, because the response lacks the fields that they exclude. The
    data may contain fields of other fragments: clients ignore fields that they did not select.
    """

    def __init__(self, document: DocumentNode, operation_name: str) -> None:
        self._named = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._root = next(
            node.selection_set
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode) and (node.name.value if node.name else "") == operation_name
        )
        self._fields_cache: dict[tuple[int, ...], Mapping[str, Selections]] = {}

    def read(self, known: Any, path: Sequence[str | int], label: str | None) -> Any:
        """Returns the data of the fragments with this label at this path."""
        selections: Selections = (self._root,)
        for key in path:
            if isinstance(key, str):
                selections = self._fields(selections)[key]
        deferred = ((selected, defer) for selected, defer in self._spread(selections) if defer is not None)
        return self._pick(known, tuple(selected for selected, defer in deferred if _label(defer) == label))

    def _pick(self, known: Any, selections: Selections) -> Any:
        if not selections:
            return known
        if isinstance(known, list):
            return [self._pick(item, selections) for item in cast("list[Any]", known)]
        if not isinstance(known, dict):
            return known
        fields = self._fields(selections)
        values = cast("dict[str, Any]", known).items()
        return {name: self._pick(value, fields[name]) for name, value in values if name in fields}

    def _fields(self, selections: Selections) -> Mapping[str, Selections]:
        """Returns the selection sets of each field by response name."""
        identity = tuple(map(id, selections))
        if identity not in self._fields_cache:
            fields_by_name: defaultdict[str, dict[int, SelectionSetNode]] = defaultdict(dict)
            for selected in (*selections, *(fragment for fragment, _ in self._spread(selections))):
                for node in selected.selections:
                    if isinstance(node, FieldNode):
                        selection_sets = fields_by_name[node.alias.value if node.alias else node.name.value]
                        selection_sets.update(
                            {id(node.selection_set): node.selection_set} if node.selection_set else {}
                        )
            self._fields_cache[identity] = {
                name: tuple(selection_sets.values()) for name, selection_sets in fields_by_name.items()
            }
        return self._fields_cache[identity]

    def _spread(self, selections: Selections) -> Collection[tuple[SelectionSetNode, DirectiveNode | None]]:
        """Returns all nested fragments, each once, with the `@defer` directive that applies to them."""
        fragments: dict[tuple[int, int], tuple[SelectionSetNode, DirectiveNode | None]] = {}
        waiting: list[tuple[SelectionSetNode, DirectiveNode | None]] = [
            (selection_set, None) for selection_set in selections
        ]
        while waiting:
            selected, outer = waiting.pop()
            for node in selected.selections:
                if isinstance(node, FragmentSpreadNode | InlineFragmentNode):
                    fragment = node if isinstance(node, InlineFragmentNode) else self._named[node.name.value]
                    entry = fragment.selection_set, _defer(node) or outer
                    if (key := (id(entry[0]), id(entry[1]))) not in fragments:
                        fragments[key] = entry
                        waiting.append(entry)
        return fragments.values()


def _defer(node: FragmentSpreadNode | InlineFragmentNode) -> DirectiveNode | None:
    return next((directive for directive in node.directives or () if directive.name.value == "defer"), None)


def _label(defer: DirectiveNode) -> str | None:
    for argument in defer.arguments or ():
        if argument.name.value == "label" and isinstance(argument.value, StringValueNode):
            return argument.value.value
    return None
