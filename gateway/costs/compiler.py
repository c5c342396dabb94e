"""Computes the cost of an operation from its document: a term for its variables, and a counter for its results."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLAbstractType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from gateway.costs.counters import FieldCounter, ObjectCounter, field_counter, merged, object_counter
from gateway.costs.selections import Collector, GuardedSelections, SelectedField
from gateway.costs.sizes import UNDECLARED, ArgumentSizes, SizedPage
from gateway.costs.terms import ALWAYS, AnySize, CostTerm, Guarded, added, largest, multiplied, valued
from gateway.costs.weights import Weights

META: Mapping[str, GraphQLField] = {
    "__schema": SchemaMetaFieldDef,
    "__type": TypeMetaFieldDef,
    "__typename": TypeNameMetaFieldDef,
}
REPEATED_LEAF = 1.0
"""The cost of a leaf that an object already has under another name.

A hundred copies of a long text in each object would make a response a hundred times as long.
"""
_MAX_PATH = 8


class ObjectCost(NamedTuple):
    """The cost of an object with everything in it, and the path to its most expensive part."""

    term: float | CostTerm
    counter: ObjectCounter
    path: tuple[str, ...] = ()

    @property
    def typical(self) -> float:
        """The cost if no variable has a value."""
        return valued(self.term, {})


class FieldCost(NamedTuple):
    """The cost of a field.

    `is_page_list` says that it is a list of the page that its object is, and `counts_page` that it costs at least one
    for each row of the page.
    """

    term: float | CostTerm
    counter: FieldCounter
    path: tuple[str, ...]
    is_page_list: bool
    counts_page: bool


class Compiler:
    """Computes costs of objects. Raises `TooComplex` if the collector does.

    The same selections of the same type are computed once. Responses `in_parts` are delivered incrementally.
    """

    def __init__(
        self, schema: GraphQLSchema, weights: Weights, collector: Collector, sizes: ArgumentSizes, *, in_parts: bool
    ) -> None:
        self._schema = schema
        self._weights = weights
        self._collector = collector
        self._sizes = sizes
        self._in_parts = in_parts
        self._known: dict[object, ObjectCost] = {}

    def of_any(
        self, kind: Any, merged_selections: Sequence[GuardedSelections], page: SizedPage | None = None
    ) -> ObjectCost:
        """Returns the cost of an object of a type: of the most expensive one of the possible types."""
        key = (
            kind.name,
            frozenset((id(selections.node), selections.conditions) for selections in merged_selections),
            page,
        )
        known = self._known.get(key)
        if known is None:
            if is_abstract_type(kind):
                known = self._of_abstract(kind, merged_selections, page)
            else:
                known = self._of_object(kind, merged_selections, page, apart=self._in_parts)
            self._known[key] = known
        return known

    def _of_abstract(
        self, kind: GraphQLAbstractType, merged_selections: Sequence[GuardedSelections], page: SizedPage | None
    ) -> ObjectCost:
        possible = [
            self._of_object(each, merged_selections, page, apart=True) for each in self._schema.get_possible_types(kind)
        ]
        if not possible:
            return ObjectCost(0.0, ObjectCounter())
        worst = max(possible, key=lambda cost: cost.typical)
        counter = merged([cost.counter for cost in possible])
        return ObjectCost(largest([cost.term for cost in possible]), counter, worst.path)

    def _of_object(
        self,
        kind: GraphQLObjectType,
        merged_selections: Sequence[GuardedSelections],
        page: SizedPage | None,
        *,
        apart: bool,
    ) -> ObjectCost:
        leaves = set[str]()
        fields = [
            cost
            for name, nodes in self._collector.collect(kind, merged_selections).items()
            if (cost := self._of_field(kind, name, nodes, page, leaves)) is not None
        ]
        weight = self._weights.type(kind)
        term = added([weight, *(field.term for field in fields if not field.is_page_list)])
        lists = [field for field in fields if field.is_page_list]
        if page is not None:
            term = added([term, _of_page(page, lists)])
        unselected = page.size if page is not None and not lists else None
        counter = object_counter(weight, [field.counter for field in fields], unselected, apart=apart)
        worst = max(fields, key=lambda field: valued(field.term, {}), default=None)
        return ObjectCost(term, counter, worst.path if worst else ())

    def _of_field(
        self,
        kind: GraphQLObjectType,
        key: str,
        nodes: Sequence[SelectedField],
        page: SizedPage | None,
        leaves: set[str],
    ) -> FieldCost | None:
        """Returns the cost of a field, or None if it costs nothing. `leaves` are those that the object already has."""
        node = nodes[0].node
        name = node.name.value
        definition = kind.fields.get(name) or META[name]
        weight = self._weights.field(kind, name)
        depth, named = unwrapped(definition)
        if is_leaf_type(named):
            weight += REPEATED_LEAF if name in leaves else 0.0
            leaves.add(name)
            if not weight:
                return None
            item, own, depth = ObjectCost(0.0, ObjectCounter()), UNDECLARED, 0
        else:
            own, inner = self._sizes.of_field(node, definition, self._weights.size(kind, name))
            item = self.of_any(named, _below(nodes), inner)
        is_page_list = page is not None and name in page.fields
        size = page.size if page is not None and is_page_list else own
        term = added([weight, list_cost(size, depth, item.term)])
        guards = _guards(nodes)
        if guards:
            term = Guarded(guards, self._sizes.boolean_defaults, term)
        counter = field_counter(key, weight, depth, item.counter, is_optional=bool(guards))
        counts_page = is_page_list and not guards and self._weights.type(named) >= 1
        path = (key, *item.path) if valued(term, {}) >= 2 * weight else (key,)
        return FieldCost(term, counter, path[:_MAX_PATH], is_page_list, counts_page)


def _of_page(page: SizedPage, lists: Sequence[FieldCost]) -> float | CostTerm:
    """Returns the cost of the lists of a page. Its rows are read, whether they are selected or not."""
    selected = added([field.term for field in lists])
    return selected if any(field.counts_page for field in lists) else largest([selected, multiplied(page.size, 1.0)])


def _below(nodes: Sequence[SelectedField]) -> list[GuardedSelections]:
    """Returns the selection sets of merged fields. What all have in common is a condition of the field itself."""
    common = nodes[0].conditions if all(node.conditions == nodes[0].conditions for node in nodes) else ALWAYS
    return [
        GuardedSelections(node.node.selection_set, node.conditions - common)
        for node in nodes
        if node.node.selection_set
    ]


def _guards(nodes: Sequence[SelectedField]) -> tuple[frozenset[Any], ...]:
    """Returns the alternatives of conditions under which a field is selected. None means that it always is."""
    alternatives = {node.conditions for node in nodes}
    return () if ALWAYS in alternatives else tuple(alternatives)


def list_cost(size: AnySize, depth: int, item: float | CostTerm) -> float | CostTerm:
    """Returns the cost of items within `depth` lists. Lists in lists have no declared size."""
    for level in range(depth):
        item = multiplied(size if level == depth - 1 else UNDECLARED, item)
    return item


def unwrapped(definition: GraphQLField) -> tuple[int, Any]:
    """Returns the number of lists around the values of a field, and their type."""
    depth, kind = 0, definition.type
    while True:
        kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if not is_list_type(kind):
            return depth, kind
        depth, kind = depth + 1, kind.of_type
