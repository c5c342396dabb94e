"""An operation, compiled: which fields each type has at each place, and how each is answered."""

from weakref import ref

from graphql import FieldNode, GraphQLField, GraphQLLeafType, GraphQLNamedType, GraphQLObjectType
from graphql.execution import default_field_resolver
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields

from engine.arguments import Arguments
from engine.builder import Builder, GeneratedBuilder, PlainBuilder
from engine.declarations import Direct, Level, Typename, declaration
from engine.definitions import Definitions, FieldDefinition, definitions_of
from engine.graphql_core import AnyExecutor
from engine.leaves import Converter, is_regular_class
from engine.readers import Reader, Variant
from engine.untracked import untrack, untrack_builder, untrack_selection

MOST_LESSONS = 16
"""How often a selection's code is generated anew, since something that it may nest has been met."""


class Field:
    """One response key of a selection: what GraphQL says about it, and how to get its values."""

    __slots__ = (
        *FieldDefinition._fields,
        "__weakref__",
        "arguments",
        "details",
        "key",
        "nodes",
        "place",
        "runtime_types",
        "says",
        "selection",
        "selections",
    )

    parent_type: GraphQLObjectType
    name: str
    definition: GraphQLField
    nonnull: tuple[bool, ...]
    named_type: GraphQLNamedType
    object_type: GraphQLObjectType | None
    leaf: GraphQLLeafType | None
    coordinate: str
    depth: int
    level: Level | None
    direct: Direct | None
    reader: Reader | None
    shares_info: bool
    convert: Converter | None
    exact_kinds: set[type] | None

    def __init__(self, key: str, details: FieldDetailsList, place: int, definition: FieldDefinition) -> None:
        self.key = key
        self.place = place
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        for name, value in zip(definition._fields, definition, strict=True):
            setattr(self, name, value)
        self.arguments = Arguments(self.definition, self.nodes[0])
        self.selection: Selection | None = None
        self.says: Typename | None = None
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
        if selection.untracked:
            untrack(self.selections)
        self._learn_short_way(selection)
        return selection

    def learn_type(self, name: str, kind: GraphQLObjectType, executor: AnyExecutor) -> None:
        """Remembers which type goes by a name here."""
        self.runtime_types[name] = kind
        if definitions_of(executor.schema).untracked:
            untrack(self.runtime_types)

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

    __slots__ = (
        "__weakref__",
        "_above",
        "_is_used",
        "_lessons",
        "_nests",
        "builders",
        "fields",
        "kind",
        "plain",
        "untracked",
    )

    def __init__(
        self,
        executor: AnyExecutor,
        object_type: GraphQLObjectType,
        grouped: GroupedFieldSet,
        above: "Selection | None" = None,
    ) -> None:
        definitions = definitions_of(executor.schema)
        self.untracked = definitions.untracked
        self.fields = _fields(executor, object_type, grouped, definitions)
        self.plain = PlainBuilder(self.fields)
        self.builders: dict[Variant, GeneratedBuilder] = {}
        self.kind: type | None = None
        self._above = above and ref(above)
        self._is_used = False
        self._nests = True
        self._lessons = 0
        if self.untracked:
            untrack_selection(self)

    def builder(self, variant: Variant, kinds: set[type]) -> Builder:
        """The builder for sources of these classes; code is generated when a selection is used again."""
        if not self._is_used:
            self._learn(kinds)
            return self.plain
        generated = self.builders[variant] = GeneratedBuilder(self.fields, variant, nested=self._nests)
        if self.untracked:
            untrack_builder(generated)
            untrack(self.builders)
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


def _fields(
    executor: AnyExecutor, object_type: GraphQLObjectType, grouped: GroupedFieldSet, definitions: Definitions
) -> list[Field]:
    """Without those that the type does not have."""
    by_default = executor.field_resolver is default_field_resolver
    fields: list[Field] = []
    for place, (key, details) in enumerate(grouped.items()):
        name = details[0].node.name.value
        definition = executor.schema.get_field(object_type, name)
        if definition is not None:
            known = definitions.of(object_type, definition, name, by_default=by_default)
            fields.append(Field(key, details, place, known))
    return fields


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
