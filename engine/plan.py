"""An operation, compiled: which fields each type has at each place, and how each is answered."""

from typing import Any
from weakref import ref

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.execution import default_field_resolver
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields

from engine.arguments import Arguments
from engine.builder import Builder, GeneratedBuilder, PlainBuilder
from engine.declarations import Column, Derived, Direct, Level, Typename, declaration
from engine.graphql_core import AnyExecutor
from engine.leaves import Converter, exact_kinds, is_regular_class
from engine.readers import ColumnReader, ConstantReader, DefaultReader, DerivedReader, Reader, Variant

MOST_LESSONS = 16
"""How often a selection's code is generated anew, since something that it may nest has been met."""


class Field:
    """One response key of a selection: what GraphQL says about it, and how to get its values."""

    def __init__(
        self,
        executor: AnyExecutor,
        parent_type: GraphQLObjectType,
        key: str,
        details: FieldDetailsList,
        place: int,
    ) -> None:
        self.key = key
        self.place = place
        self.parent_type = parent_type
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.name = self.nodes[0].name.value
        definition = executor.schema.get_field(parent_type, self.name)
        assert definition is not None  # noqa: S101 - a selection leaves out what does not exist
        self.definition: GraphQLField = definition
        self.nonnull, self.named_type = _unwrapped(definition)
        self.object_type = self.named_type if is_object_type(self.named_type) else None
        self.selection: Selection | None = None
        self.says: Typename | None = None
        self.coordinate = f"{parent_type}.{self.name}"
        self.depth = len(self.nonnull) - 1
        self.arguments = Arguments(definition, self.nodes[0])
        declared = declaration(definition)
        self.level: Level | None = declared if isinstance(declared, Level) else None
        self.direct: Direct | None = declared if isinstance(declared, Direct) else None
        self.reader: Reader | None = _reader(executor, self, declared)
        self.shares_info = is_introspection_type(parent_type)
        self.leaf: GraphQLLeafType | None = self.named_type if is_leaf_type(self.named_type) else None
        self.convert: Converter | None = None
        self.exact_kinds: set[type] | None = None
        if self.leaf is not None:
            self.convert = Converter(self.leaf, nonnull=self.nonnull[self.depth])
            self.exact_kinds = exact_kinds(self.leaf)
        self.selections: dict[str, Selection] = {}
        self.runtime_types: dict[str, GraphQLObjectType] = {}

    def select(self, executor: AnyExecutor, object_type: GraphQLObjectType, above: "Selection") -> "Selection":
        """Compile what is selected below of this type. `GraphQLError` for a directive without its value.

        `above` is the selection that this field is in; it may come to nest what is selected.
        """
        collected = collect_subfields(
            executor.schema,
            executor.fragments,
            executor.variable_values,
            executor.operation,
            object_type,
            self.details,
            executor.hide_suggestions,
        )
        nests = above if self.reader is not None and self.object_type is not None else None
        selection = Selection(executor, object_type, collected.grouped_field_set, nests)
        self.selections[object_type.name] = selection
        self._learn_short_way(selection)
        return selection

    def _learn_short_way(self, selection: "Selection") -> None:
        """Where there is but one type, and nothing to ask about values or only what they say of themselves."""
        if self.object_type is not None:
            declared = declaration(self.object_type)
            self.says = declared if isinstance(declared, Typename) else None
            if self.object_type.is_type_of is None:
                self.says = None
            elif self.says is None:
                return
            self.selection = selection


class Selection:
    """The fields of one type at one place, in document order, with a builder of their dicts for each kind of source.

    `kind` is the class of the sources that were met first, if all were of one.
    """

    def __init__(
        self,
        executor: AnyExecutor,
        object_type: GraphQLObjectType,
        grouped: GroupedFieldSet,
        above: "Selection | None" = None,
    ) -> None:
        self.fields = [
            Field(executor, object_type, key, details, place)
            for place, (key, details) in enumerate(grouped.items())
            if executor.schema.get_field(object_type, details[0].node.name.value)
        ]
        self.plain = PlainBuilder(self.fields)
        self.builders: dict[Variant, GeneratedBuilder] = {}
        self.kind: type | None = None
        self._above = above and ref(above)
        self._is_used = False
        self._nests = True
        self._lessons = 0

    def builder(self, variant: Variant, kinds: set[type]) -> Builder:
        """The builder for sources of these classes; code is generated when a selection is used again."""
        if not self._is_used:
            self._learn(kinds)
            return self.plain
        generated = self.builders[variant] = GeneratedBuilder(self.fields, variant, nested=self._nests)
        return generated

    def _learn(self, kinds: set[type]) -> None:
        """From the first use; selections above that could not nest this one may do so now."""
        self._is_used = True
        if len(kinds) == 1 and all(map(is_regular_class, kinds)):
            (self.kind,) = kinds
        above = self._above and self._above()
        while above is not None and above._lessons < MOST_LESSONS:  # noqa: SLF001 - of its own class
            above._lessons += bool(above.builders)  # noqa: SLF001 - as above
            above.builders.clear()
            above = above._above and above._above()  # noqa: SLF001 - as above

    def flatten(self) -> None:
        """Nest nothing any more: something below is out of the ordinary, and that must not be met twice each time."""
        if self._nests:
            self._nests = False
            self.builders.clear()


def root_selection(executor: AnyExecutor, root_type: GraphQLObjectType) -> Selection:
    """What is selected of the root. `GraphQLError` for a directive without its value."""
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root_type,
        executor.operation,
        executor.hide_suggestions,
    )
    return Selection(executor, root_type, collected.grouped_field_set)


def _unwrapped(definition: GraphQLField) -> tuple[tuple[bool, ...], GraphQLNamedType]:
    """Whether each depth of lists may not be null, from the outside in, and the type within."""
    nonnull: list[bool] = []
    kind: Any = definition.type
    while True:
        nonnull.append(isinstance(kind, GraphQLNonNull))
        kind = kind.of_type if nonnull[-1] else kind
        if not is_list_type(kind):
            return tuple(nonnull), kind
        kind = kind.of_type


def _reader(executor: AnyExecutor, field: Field, declared: Any) -> Reader | None:
    """How values are read from sources without calling a resolver, where that can be known."""
    if field.name == "__typename":
        return ConstantReader(field.parent_type.name)
    if isinstance(declared, Column):
        return ColumnReader(declared.key)
    if isinstance(declared, Derived):
        return DerivedReader(declared.compute)
    has_default = field.definition.resolve is None and executor.field_resolver is default_field_resolver
    return DefaultReader(field.name) if has_default and not field.arguments.any else None
