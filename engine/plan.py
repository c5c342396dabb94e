"""The plan of an operation: the fields that are selected on each object type, and how each is resolved."""

from weakref import ref

from graphql import FieldNode, GraphQLObjectType
from graphql.execution import default_field_resolver
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields

from engine.arguments import Arguments
from engine.builder import Builder, GeneratedBuilder, PlainBuilder
from engine.declarations import Typename, declaration
from engine.definitions import Definitions, FieldDefinition, definitions_of
from engine.graphql_core import AnyExecutor
from engine.leaves import is_regular_class
from engine.readers import Variant
from engine.untracked import untrack, untrack_builder, untrack_selection

MAX_RECOMPILES = 16
"""Maximum times that a selection's code is generated again because it can nest more objects."""


class Field(FieldDefinition):
    """A field of a selection: its definition, its response key, and its sub-selections by object type.

    `index` is its position in the selection. `selection` is the only sub-selection, if the field has an object type;
    `typename` is then the declaration by which sources are checked, or None if they need no check. `row_columns` are
    the columns that its sub-selections read, by the name of the rows' type, as far as `columns_of` was called.
    """

    __slots__ = (
        "__weakref__",
        "arguments",
        "details",
        "index",
        "key",
        "nodes",
        "row_columns",
        "runtime_types",
        "selection",
        "selections",
        "typename",
    )

    def __init__(self, key: str, details: FieldDetailsList, index: int, definition: FieldDefinition) -> None:
        for name in FieldDefinition.__slots__:
            setattr(self, name, getattr(definition, name))
        self.key = key
        self.index = index
        self.details = details
        self.nodes: list[FieldNode] = [detail.node for detail in details]
        self.arguments = Arguments(self.definition, self.nodes[0])
        self.selection: Selection | None = None
        self.typename: Typename | None = None
        self.selections: dict[str, Selection] = {}
        self.runtime_types: dict[str, GraphQLObjectType] = {}
        self.row_columns: dict[str, frozenset[str] | None] = {}

    def select(self, executor: AnyExecutor, object_type: GraphQLObjectType, above: "Selection") -> "Selection":
        """Compiles the sub-selection on an object type. Raises `GraphQLError` for a directive without its value.

        `above` is the selection that contains this field. Its code may later nest the objects of the sub-selection.
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
        self._set_single_selection(selection)
        return selection

    def add_runtime_type(self, name: str, kind: GraphQLObjectType, executor: AnyExecutor) -> None:
        """Records the object type that a type resolver's name stands for."""
        self.runtime_types[name] = kind
        if definitions_of(executor.schema).untracked:
            untrack(self.runtime_types)

    def selected(self, executor: AnyExecutor, object_type: GraphQLObjectType, above: "Selection") -> "Selection":
        """Returns the sub-selection on an object type. Compiles it at the first use, like `select`."""
        found = self.selections.get(object_type.name)
        return self.select(executor, object_type, above) if found is None else found

    def _set_single_selection(self, selection: "Selection") -> None:
        """Sets `selection` if the field has an object type whose values need no `is_type_of` call."""
        if self.object_type is not None:
            declared = declaration(self.object_type)
            self.typename = declared if isinstance(declared, Typename) else None
            if self.object_type.is_type_of is None:
                self.typename = None
            elif self.typename is None:
                return
            self.selection = selection


class Selection:
    """The fields that a document selects on one object type, in document order, with a builder per variant of sources.

    `kind` is the class of the sources at the first execution, if all had the same class.
    """

    __slots__ = (
        "__weakref__",
        "_above",
        "_is_used",
        "_nests",
        "_recompiles",
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
        self._recompiles = 0
        if self.untracked:
            untrack_selection(self)

    def builder(self, variant: Variant, kinds: set[type]) -> Builder:
        """Returns a builder for sources of these classes. Generates code from the second use on."""
        if not self._is_used:
            self._record_first_use(kinds)
            return self.plain
        generated = self.builders[variant] = GeneratedBuilder(self.fields, variant, nested=self._nests)
        if self.untracked:
            untrack_builder(generated)
            untrack(self.builders)
        return generated

    def _record_first_use(self, kinds: set[type]) -> None:
        """Records the class of the sources, and discards the code of selections above, which may now nest this one."""
        self._is_used = True
        if len(kinds) == 1 and all(map(is_regular_class, kinds)):
            (self.kind,) = kinds
        above = self._above and self._above()
        while above is not None and above._recompiles < MAX_RECOMPILES:  # noqa: SLF001 - the same class
            above._recompiles += bool(above.builders)  # noqa: SLF001 - the same class
            above.builders.clear()
            above = above._above and above._above()  # noqa: SLF001 - the same class

    def disable_nesting(self) -> None:
        """Stops nesting objects, because a nested value was irregular.

        Otherwise each execution would run twice: the generated code up to its exception, and then by columns.
        """
        if self._nests:
            self._nests = False
            self.builders.clear()


def _fields(
    executor: AnyExecutor, object_type: GraphQLObjectType, grouped: GroupedFieldSet, definitions: Definitions
) -> list[Field]:
    """Returns the selected fields. Skips those that the type does not have."""
    by_default = executor.field_resolver is default_field_resolver
    fields: list[Field] = []
    for index, (key, details) in enumerate(grouped.items()):
        name = details[0].node.name.value
        definition = executor.schema.get_field(object_type, name)
        if definition is not None:
            shared = definitions.of(object_type, definition, name, by_default=by_default)
            fields.append(Field(key, details, index, shared))
    return fields


def root_selection(executor: AnyExecutor, root_type: GraphQLObjectType) -> Selection:
    """Compiles the selection on the root type. Raises `GraphQLError` for a directive without its value."""
    collected = collect_fields(
        executor.schema,
        executor.fragments,
        executor.variable_values,
        root_type,
        executor.operation,
        executor.hide_suggestions,
    )
    return Selection(executor, root_type, collected.grouped_field_set)
