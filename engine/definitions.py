"""The precomputed definitions of a schema's fields, which all plans share."""

from dataclasses import dataclass
from typing import Any

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


@dataclass(slots=True, eq=False)
class FieldDefinition:
    """A field of an object type. `nonnull` has one entry per list depth, from the outermost type to the named type.

    `reads` are the columns of its source that it reads, or None if they are not known. With `contains_rows`, rows are
    within its values.
    """

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
    reads: frozenset[str] | None
    contains_rows: bool


class Definitions:
    """The definitions of one schema's fields.

    With `untracked`, the garbage collector does not traverse plans. Plans refer to the schema, so code that sets
    `untracked` has to call `Plans.clear` before it drops the schema; otherwise the schema is never freed.
    """

    def __init__(self) -> None:
        self.untracked = False
        self._fields: dict[tuple[GraphQLObjectType, str, bool], FieldDefinition] = {}
        self._converters: dict[tuple[GraphQLLeafType, bool], Converter] = {}

    def clear(self) -> None:
        """Drops all definitions, so that declarations that were added since take effect."""
        self._fields.clear()
        self._converters.clear()

    def of(
        self, parent_type: GraphQLObjectType, definition: GraphQLField, name: str, *, by_default: bool
    ) -> FieldDefinition:
        """Returns the definition of a field.

        `by_default` is true if graphql-core's default resolver reads the fields that have no resolver.
        """
        key = parent_type, name, by_default
        field = self._fields.get(key)
        if field is None or field.definition is not definition:
            field = self._fields[key] = self._create(parent_type, definition, name, by_default=by_default)
        return field

    def _create(
        self, parent_type: GraphQLObjectType, definition: GraphQLField, name: str, *, by_default: bool
    ) -> FieldDefinition:
        declared = declaration(definition)
        nonnull, named_type = _unwrapped(definition)
        depth = len(nonnull) - 1
        leaf = named_type if is_leaf_type(named_type) else None
        reader = _reader(parent_type, definition, name, declared, by_default=by_default)
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
            reader=reader,
            shares_info=is_introspection_type(parent_type),
            convert=self._converter(leaf, nonnull=nonnull[depth]) if leaf is not None else None,
            exact_kinds=exact_kinds(leaf) if leaf is not None else None,
            reads=_reads(reader, declared),
            contains_rows=isinstance(declared, Column | Derived) and declared.contains_rows,
        )

    def _converter(self, leaf: GraphQLLeafType, *, nonnull: bool) -> Converter:
        converter = self._converters.get((leaf, nonnull))
        if converter is None:
            converter = self._converters[leaf, nonnull] = Converter(leaf, nonnull=nonnull)
        return converter


def definitions_of(schema: GraphQLSchema) -> Definitions:
    """Returns the schema's definitions, which live as long as the schema."""
    definitions: Definitions | None = schema.extensions.get(_KEY)
    if definitions is None:
        definitions = schema.extensions[_KEY] = Definitions()
    return definitions


_KEY = f"{EXTENSION}-definitions"


def _unwrapped(definition: GraphQLField) -> tuple[tuple[bool, ...], GraphQLNamedType]:
    """Returns whether each list depth is non-null, from the outermost type inwards, and the named type."""
    nonnull: list[bool] = []
    type_: Any = definition.type
    while True:
        nonnull.append(isinstance(type_, GraphQLNonNull))
        type_ = type_.of_type if nonnull[-1] else type_
        if not is_list_type(type_):
            return tuple(nonnull), type_
        type_ = type_.of_type


def _reader(
    parent_type: GraphQLObjectType, definition: GraphQLField, name: str, declared: Any, *, by_default: bool
) -> Reader | None:
    """Returns the reader that reads values from sources without a resolver, or None if a resolver is needed."""
    if name == "__typename":
        return ConstantReader(parent_type.name)
    if isinstance(declared, Column):
        return ColumnReader(declared.key)
    if isinstance(declared, Derived):
        return DerivedReader(declared.compute)
    has_default = definition.resolve is None and by_default
    return DefaultReader(name) if has_default and not definition.args else None


def _reads(reader: Reader | None, declared: Any) -> frozenset[str] | None:
    """Returns the columns of a source that a field reads, or None if they are not known."""
    if isinstance(reader, ConstantReader):
        return frozenset()
    if isinstance(reader, ColumnReader):
        return frozenset({reader.key})
    if isinstance(reader, DefaultReader):
        return frozenset({reader.name})
    reads = declared.reads if isinstance(declared, Derived | Level | Direct) else None
    return None if reads is None else frozenset(reads)
