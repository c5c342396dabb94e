"""Which fields of a document meet in one object of the answer."""

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
    """What is selected of a type; None where the schema has no such type."""

    node: SelectionSetNode
    parent: GraphQLNamedType | None


class CollectedField(NamedTuple):
    """A field, the type that it is of, and its own; None where the schema has none."""

    parent: GraphQLNamedType | None
    node: FieldNode
    type: Any

    @property
    def selections(self) -> Selections | None:
        inside = self.node.selection_set
        return Selections(inside, get_named_type(self.type)) if inside else None


CollectedFields = dict[str, list[CollectedField]]
"""By the name that they have in the answer."""


class FieldCollector:
    """Gathers fields, fragments included, and ends when it has gone through too many selections."""

    def __init__(self, context: ValidationContext, most: int, excess: GraphQLError) -> None:
        self._context = context
        self._schema = context.schema
        self._left = most
        self._excess = excess

    def fields(self, together: Sequence[Selections]) -> CollectedFields:
        """Of selections that are made of one object; each fragment counts once, however often it is spread."""
        found: CollectedFields = {}
        spread = set[str]()
        for selections in together:
            self._gather(selections, found, spread)
        return found

    def count(self, steps: int) -> None:
        """Of whoever goes through what was gathered, too."""
        self._left -= steps
        if self._left < 0:
            raise self._excess

    def _gather(self, selections: Selections, found: CollectedFields, spread: set[str]) -> None:
        self.count(len(selections.node.selections))
        for node in selections.node.selections:
            if isinstance(node, FieldNode):
                name = node.alias or node.name
                field = CollectedField(selections.parent, node, _type_of(selections.parent, node.name.value))
                found.setdefault(name.value, []).append(field)
            elif inside := self._of_fragment(node, selections.parent, spread):
                self._gather(inside, found, spread)

    def _of_fragment(self, node: SelectionNode, parent: GraphQLNamedType | None, spread: set[str]) -> Selections | None:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            return Selections(node.selection_set, self._schema.get_type(on.name.value) if on else parent)
        if not isinstance(node, FragmentSpreadNode) or node.name.value in spread:
            return None
        spread.add(node.name.value)
        fragment = self._context.get_fragment(node.name.value)
        return fragment and Selections(
            fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value)
        )


def _type_of(parent: GraphQLNamedType | None, name: str) -> Any:
    """None also for fields that all types have: those are the same wherever they are."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    definition = parent.fields.get(name)
    return definition and definition.type
