"""The definitions of a schema's fields, which all plans share."""

from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLLeafType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from engine.declarations import EXTENSION, Column, Derived, Direct, Level, declaration
from engine.leaves import Converter, exact_kinds
from engine.readers import ColumnReader, ConstantReader, DefaultReader, DerivedReader, Reader


class FieldDefinition(NamedTuple):
    """A field of a type; of `nonnull`, each depth of lists has one, from the outside in."""

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


class Definitions:
    """The definitions of one schema's fields.

    With `untracked` the garbage collector does not look through plans. They refer to the schema, so the owner of a
    schema that sets it calls `Plans.clear` at the end; otherwise the schema is never freed.
    """

    def __init__(self) -> None:
        self.untracked = False
        self._fields: dict[tuple[GraphQLObjectType, str, bool], FieldDefinition] = {}
        self._converters: dict[tuple[GraphQLLeafType, bool], Converter] = {}

    def clear(self) -> None:
        """Forgets all, so that what is declared later counts."""
        self._fields.clear()
        self._converters.clear()

    def of(
        self, parent_type: GraphQLObjectType, definition: GraphQLField, name: str, *, by_default: bool
    ) -> FieldDefinition:
        """`by_default` says whether fields without a resolver are read by graphql-core's default resolver."""
        key = parent_type, name, by_default
        found = self._fields.get(key)
        if found is None or found.definition is not definition:
            found = self._fields[key] = self._made(parent_type, definition, name, by_default=by_default)
        return found

    def _made(
        self, parent_type: GraphQLObjectType, definition: GraphQLField, name: str, *, by_default: bool
    ) -> FieldDefinition:
        declared = declaration(definition)
        nonnull, named_type = _unwrapped(definition)
        depth = len(nonnull) - 1
        leaf = named_type if is_leaf_type(named_type) else None
        return FieldDefinition(
            parent_type=parent_type,
            name=name,
            definition=definition,
            nonnull=nonnull,
            named_type=named_type,
            object_type=named_type if is_object_type(named_type) else None,
            leaf=leaf,
            coordinate=f"{parent_type}.{name}",
            depth=depth,
            level=declared if isinstance(declared, Level) else None,
            direct=declared if isinstance(declared, Direct) else None,
            reader=_reader(parent_type, definition, name, declared, by_default=by_default),
            shares_info=is_introspection_type(parent_type),
            convert=self._converter(leaf, nonnull=nonnull[depth]) if leaf is not None else None,
            exact_kinds=exact_kinds(leaf) if leaf is not None else None,
        )

    def _converter(self, leaf: GraphQLLeafType, *, nonnull: bool) -> Converter:
        found = self._converters.get((leaf, nonnull))
        if found is None:
            found = self._converters[leaf, nonnull] = Converter(leaf, nonnull=nonnull)
        return found


def definitions_of(schema: GraphQLSchema) -> Definitions:
    """The schema's definitions, which live as long as it does."""
    found: Definitions | None = schema.extensions.get(_PLACE)
    if found is None:
        found = schema.extensions[_PLACE] = Definitions()
    return found


_PLACE = f"{EXTENSION}-definitions"


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


def _reader(
    parent_type: GraphQLObjectType, definition: GraphQLField, name: str, declared: Any, *, by_default: bool
) -> Reader | None:
    """How values are read from sources without calling a resolver, where that can be known."""
    if name == "__typename":
        return ConstantReader(parent_type.name)
    if isinstance(declared, Column):
        return ColumnReader(declared.key)
    if isinstance(declared, Derived):
        return DerivedReader(declared.compute)
    has_default = definition.resolve is None and by_default
    return DefaultReader(name) if has_default and not definition.args else None
