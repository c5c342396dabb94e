"""Collects the fields of an object, as in the specification, with the conditions of `@include` and `@skip`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)

from gateway.costs.terms import ALWAYS, Conditions

_EXPECTED = {"include": True, "skip": False}


class GuardedSelections(NamedTuple):
    """A selection set, and the conditions under which it is selected."""

    node: SelectionSetNode
    conditions: Conditions


class SelectedField(NamedTuple):
    """A field node, and the conditions under which it is selected."""

    node: FieldNode
    conditions: Conditions


class TooComplex(Exception):
    """The selections of a document can be combined in too many ways."""


class Collector:
    """Collects fields, and raises `TooComplex` after `max_steps` selections."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], max_steps: int) -> None:
        self._schema = schema
        self._fragments = fragments
        self._remaining = max_steps

    def collect(self, kind: GraphQLObjectType, merged: Iterable[GuardedSelections]) -> dict[str, list[SelectedField]]:
        """Returns the fields that objects of this type have, by response name."""
        fields: dict[str, list[SelectedField]] = {}
        visited = set[tuple[str, Conditions]]()
        for selections in merged:
            for field in self._collect(kind, selections, visited):
                name = field.node.alias or field.node.name
                fields.setdefault(name.value, []).append(field)
        return fields

    def _collect(
        self, kind: GraphQLObjectType, selections: GuardedSelections, visited: set[tuple[str, Conditions]]
    ) -> Iterator[SelectedField]:
        self._remaining -= len(selections.node.selections)
        if self._remaining < 0:
            raise TooComplex
        for node in selections.node.selections:
            conditions = conditions_of(node, selections.conditions) if node.directives else selections.conditions
            if conditions is None:
                continue
            if isinstance(node, FieldNode):
                yield SelectedField(node, conditions)
            elif (body := self._fragment(kind, node, conditions, visited)) is not None:
                yield from self._collect(kind, GuardedSelections(body, conditions), visited)

    def _fragment(
        self,
        kind: GraphQLObjectType,
        node: SelectionNode,
        conditions: Conditions,
        visited: set[tuple[str, Conditions]],
    ) -> SelectionSetNode | None:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition
            return node.selection_set if on is None or self._applies(kind, on.name.value) else None
        if not isinstance(node, FragmentSpreadNode):
            return None
        name = node.name.value
        if (name, conditions) in visited or (name, ALWAYS) in visited:
            return None
        visited.add((name, conditions))
        fragment = self._fragments[name]
        return fragment.selection_set if self._applies(kind, fragment.type_condition.name.value) else None

    def _applies(self, kind: GraphQLObjectType, name: str) -> bool:
        if kind.name == name:
            return True
        on = self._schema.get_type(name)
        return is_abstract_type(on) and _is_possible(self._schema, on, kind)


def _is_possible(schema: GraphQLSchema, abstract: GraphQLAbstractType, kind: GraphQLObjectType) -> bool:
    return schema.is_sub_type(abstract, kind)


def is_never_selected(node: SelectionNode) -> bool:
    """Returns whether a literal of `@include` or `@skip` excludes a selection, whatever the values of variables."""
    return bool(node.directives) and conditions_of(node, ALWAYS) is None


def conditions_of(node: SelectionNode, outer: Conditions) -> Conditions | None:
    """Returns the conditions of a selection within others, or None if it is never selected."""
    found = set(outer)
    for directive in node.directives or ():
        expected = _EXPECTED.get(directive.name.value)
        if expected is None or not directive.arguments:
            continue
        value = directive.arguments[0].value
        if isinstance(value, BooleanValueNode) and value.value is not expected:
            return None
        if isinstance(value, VariableNode):
            if (value.name.value, not expected) in found:
                return None
            found.add((value.name.value, expected))
    return frozenset(found)
