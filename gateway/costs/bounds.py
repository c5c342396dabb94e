"""Upper bounds of costs, in linear time. They are for documents that are too complex to be computed exactly."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
    is_leaf_type,
)

from gateway.costs.compiler import META, REPEATED_LEAF, SizedPage, list_cost, unwrapped
from gateway.costs.selections import conditions_of
from gateway.costs.sizes import ArgumentSizes
from gateway.costs.terms import ALWAYS, CostTerm, added, multiplied
from gateway.costs.weights import Weights


class UpperBound:
    """Adds up all selections of an operation: repeated fields count repeatedly, and all types of objects together."""

    def __init__(
        self,
        schema: GraphQLSchema,
        weights: Weights,
        fragments: Mapping[str, FragmentDefinitionNode],
        sizes: ArgumentSizes,
    ) -> None:
        self._schema = schema
        self._weights = weights
        self._fragments = fragments
        self._sizes = sizes
        self._known: dict[object, float | CostTerm] = {}

    def of(self, operation: OperationDefinitionNode) -> float | CostTerm:
        """Returns an upper bound of the cost of an operation."""
        return self._of(operation.selection_set, self._schema.get_root_type(operation.operation), None)

    def _of(self, node: SelectionSetNode, kind: Any, page: SizedPage | None) -> float | CostTerm:
        key = id(node), kind.name, page
        known = self._known.get(key)
        if known is None:
            known = added([self._of_one(each, kind, page) for each in node.selections])
            self._known[key] = known
        return known

    def _of_one(self, node: SelectionNode, kind: Any, page: SizedPage | None) -> float | CostTerm:
        if node.directives and conditions_of(node, ALWAYS) is None:
            return 0.0
        if isinstance(node, FieldNode):
            return self._of_field(node, kind, page)
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            return self._of(fragment.selection_set, self._named(fragment.type_condition.name.value), page)
        assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the third kind of selection
        on = node.type_condition
        return self._of(node.selection_set, self._named(on.name.value) if on else kind, page)

    def _of_field(self, node: FieldNode, kind: Any, page: SizedPage | None) -> float | CostTerm:
        name = node.name.value
        has_fields = isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        definition: Any = (kind.fields.get(name) if has_fields else None) or META[name]
        weight = max(self._weights.field(each, name) for each in (kind, *self._possible(kind)))
        depth, named = unwrapped(definition)
        if is_leaf_type(named) or node.selection_set is None:
            return weight + (REPEATED_LEAF if node.alias else 0.0)
        size, inner = self._sizes.of_field(node, definition, self._weights.size(kind, name))
        item = max(self._weights.type(each) for each in (named, *self._possible(named)))
        term = added([item, self._of(node.selection_set, named, inner)])
        if inner is not None:
            term = added([term, multiplied(inner.size, 1.0)])
        is_page_list = page is not None and name in page.fields
        return added([weight, list_cost(page.size if page is not None and is_page_list else size, depth, term)])

    def _possible(self, kind: Any) -> tuple[GraphQLObjectType, ...]:
        return tuple(self._schema.get_possible_types(kind)) if is_abstract_type(kind) else ()

    def _named(self, name: str) -> Any:
        return self._schema.get_type(name)
