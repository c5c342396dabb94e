"""Collects the fields that are merged into one object of a response, like CollectFields of the specification."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.validation import ValidationContext


class Selections(NamedTuple):
    """A selection set and its parent type. None if the schema has no such type."""

    node: SelectionSetNode
    parent: GraphQLNamedType | None


class CollectedField(NamedTuple):
    """A field node, its parent type and its own type. None if the schema has no such type."""

    parent: GraphQLNamedType | None
    node: FieldNode
    type: Any

    @property
    def selections(self) -> Selections | None:
        selection_set = self.node.selection_set
        return Selections(selection_set, get_named_type(self.type)) if selection_set else None


CollectedFields = dict[str, list[CollectedField]]
"""Collected fields by response name."""


class FieldCollector:
    """Collects fields, fragments included. Raises `excess` after `max_selections` selections."""

    def __init__(self, context: ValidationContext, max_selections: int, excess: GraphQLError) -> None:
        self._context = context
        self._schema = context.schema
        self._remaining = max_selections
        self._excess = excess

    def collect(self, merged: Sequence[Selections]) -> CollectedFields:
        """Collects the fields of selection sets of one object. Each fragment is visited once."""
        fields: CollectedFields = {}
        visited = set[str]()
        for selections in merged:
            self._collect(selections, fields, visited)
        return fields

    def count(self, steps: int) -> None:
        """Counts selections. Also called by the rules that iterate over collected fields."""
        self._remaining -= steps
        if self._remaining < 0:
            raise self._excess

    def _collect(self, selections: Selections, fields: CollectedFields, visited: set[str]) -> None:
        self.count(len(selections.node.selections))
        for node in selections.node.selections:
            if isinstance(node, FieldNode):
                name = node.alias or node.name
                field = CollectedField(selections.parent, node, _type_of(selections.parent, node.name.value))
                fields.setdefault(name.value, []).append(field)
            elif fragment := self._of_fragment(node, selections.parent, visited):
                self._collect(fragment, fields, visited)

    def _of_fragment(
        self, node: SelectionNode, parent: GraphQLNamedType | None, visited: set[str]
    ) -> Selections | None:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            return Selections(node.selection_set, self._schema.get_type(on.name.value) if on else parent)
        if not isinstance(node, FragmentSpreadNode) or node.name.value in visited:
            return None
        visited.add(node.name.value)
        fragment = self._context.get_fragment(node.name.value)
        return fragment and Selections(
            fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value)
        )


def _type_of(parent: GraphQLNamedType | None, name: str) -> Any:
    """Returns the type of a field. Returns None for meta fields, which have the same type everywhere."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    definition = parent.fields.get(name)
    return definition and definition.type
