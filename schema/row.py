"""Base classes of types that describe rows, and the kinds of fields that are not columns.

A field without a resolver reads the row's key of its name. `derived` computes from the row, and `localized` a text in
the caller's language. `loaded` fetches a value with a loader, unless the row contains it. `related` and
`related_of_any_type` fetch one other row, and `connection` fetches a page of other rows. Declarations contain metadata,
so that the engine can execute them for a whole level.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from core.columns import ColumnNames
from core.errors import BadUserInput, NotFound
from core.global_ids import id_writer
from core.paging import DEFAULT_FIRST, MAX_FIRST
from engine import Derived, Level, columns_of
from loaders.by_type import TYPENAMES, load_rows
from schema.context import Context, Info
from schema.cost import paged

Rows = Sequence[Mapping[str, Any]]
RawInfo = GraphQLResolveInfo[Context]

First = Annotated[
    int | None,
    strawberry.argument(description=f"Maximum number of items, 1 to {MAX_FIRST}.", metadata={"maximum": MAX_FIRST}),
]
After = Annotated[
    str | None, strawberry.argument(description="Return items after this cursor; omit it for the first page.")
]


def selected_columns(info: Info, typename: str) -> ColumnNames | None:
    """Returns the columns that the field's selection reads of rows of a type, or None if it may read all of them."""
    raw_info: Any = info._raw_info  # noqa: SLF001 - Strawberry has no public attribute for it
    return columns_of(raw_info, typename)


def read_column(row: Mapping[str, Any], name: str) -> Any:
    """Returns the value of a column. The schema's default resolver."""
    return row[name]


class Row:
    """A type whose values are rows: mappings from column to value.

    A row contains `__typename` where several types are possible.
    """

    engine_typename = "__typename"

    @classmethod
    def is_type_of(cls, row: Mapping[str, Any], _info: GraphQLResolveInfo[Any]) -> bool:
        definition: Any = cls.__dict__["__strawberry_definition__"]
        return row.get("__typename", definition.name) == definition.name


@strawberry.interface(description="An object with an id, which `node` fetches.")
class Node(Row):
    """Describes rows with a global id."""

    id: strawberry.ID = strawberry.field(
        description="Opaque, stable, and unique among all types. Send it unchanged; do not parse it."
    )

    @classmethod
    def resolve_type(
        cls, row: Mapping[str, Any], _info: GraphQLResolveInfo[Any], _abstract: GraphQLAbstractType
    ) -> str:
        return row["__typename"]


@dataclass(frozen=True, slots=True)
class LoaderKey:
    """A loader and the columns of a row that are its key."""

    loader: str
    key: tuple[str, ...]

    def key_of(self, row: Mapping[str, Any]) -> Any:
        """Returns the value of a single column, a tuple of several, or None if one of them is NULL."""
        (key,) = self.keys_of([row])
        return key

    def keys_of(self, rows: Rows) -> list[Any]:
        """Returns the keys of several rows, in order."""
        if len(self.key) == 1:
            (column,) = self.key
            return [row[column] for row in rows]
        keys = [tuple([row[column] for column in self.key]) for row in rows]
        return [None if None in key else key for key in keys]


def node_id(typename: str, owner: str, *, description: str = "Global id.") -> Any:
    """Returns a field for the global id of a row of a type, in the partition of the row's column `owner`."""
    return derived(id_writer(typename, owner), reads=("id", owner), description=description)


def derived(
    compute: Callable[[Any], Any],
    *,
    description: str,
    reads: tuple[str, ...] | None = None,
    contains_rows: bool = False,
) -> Any:
    """Returns a field that is a pure function of the row.

    `reads` are the columns of the row that it reads; without it, statements select all columns for this field. With
    `contains_rows`, the value contains rows that a statement reads, such as the edges of a page.
    """

    def resolve(root: Any) -> Any:
        return compute(root)

    declared = Derived(compute, reads, contains_rows=contains_rows)
    return strawberry.field(resolver=resolve, description=description, metadata={"engine": declared})


def localized(compute: Callable[[Any, str], str], *, reads: tuple[str, ...], description: str) -> Any:
    """Returns a field that is a pure function of columns of the row and the caller's language.

    `LOCALIZED_FIELDS` of `schema.context` must name it, so that the language is in the keys of stored responses.
    """

    def resolve(root: Any, info: Info) -> Any:
        return compute(root, info.context.language)

    def resolve_level(rows: Rows, info: RawInfo) -> list[str]:
        language = info.context.language
        return [compute(row, language) for row in rows]

    level = Level(resolve_level, loader="", reads=reads)
    return strawberry.field(resolver=resolve, description=description, metadata={"engine": level})


def loaded(loader: str, *, key: tuple[str, ...], inlined: str, description: str, pick: str | None = None) -> Any:
    """Returns a field whose value (not a row) is the row's column `inlined`, or is loaded by the row's columns `key`.

    With `pick`, the value is one column of the loaded value.
    """

    def picked(value: Any) -> Any:
        return value[pick] if pick else value

    return _column_or_load(LoaderKey(loader, key), inlined, None, picked, _of_existing(picked), description)


def column_or_loaded(column: str, loader: str, *, key: tuple[str, ...], description: str) -> Any:
    """Returns a field for a column that joined rows do not contain; then a loader loads it."""
    of_loaded, columns = _of_existing(itemgetter(column)), frozenset({column})
    return _column_or_load(LoaderKey(loader, key), column, columns, lambda value: value, of_loaded, description)


def _of_existing(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a function that reads a loaded value, or returns an error.

    A loader finds nothing if the row was deleted after an earlier statement of the request had read it.
    """
    return lambda value: NotFound("This was deleted while it was read.") if value is None else read(value)


def _column_or_load(  # noqa: PLR0913, PLR0917 - what the two kinds of fields have in common
    loader_key: LoaderKey,
    column: str,
    columns: ColumnNames | None,
    of_column: Callable[[Any], Any],
    of_loaded: Callable[[Any], Any],
    description: str,
) -> Any:
    async def load(root: Any, info: Info) -> Any:
        return of_loaded(await info.context.loaders.load(loader_key.loader, loader_key.key_of(root)))

    def resolve(root: Any, info: Info) -> Any:
        return of_column(root[column]) if column in root else load(root, info)

    async def load_level(rows: Rows, info: RawInfo) -> list[Any]:
        keys = [None if column in row else loader_key.key_of(row) for row in rows]
        values = await info.context.loaders.load_level(loader_key.loader, keys, columns)
        pairs = zip(rows, values, strict=True)
        return [of_column(row[column]) if column in row else of_loaded(value) for row, value in pairs]

    def resolve_level(rows: Rows, info: RawInfo) -> Any:
        all_inlined = all(column in row for row in rows)
        return [of_column(row[column]) for row in rows] if all_inlined else load_level(rows, info)

    level = Level(resolve_level, loader_key.loader, inlined=column, reads=(*loader_key.key, column))
    return strawberry.field(resolver=resolve, description=description, metadata={"engine": level})


def related(loader: str, *, key: tuple[str, ...], description: str) -> Any:
    """Returns a field for another row, loaded by the row's columns `key` and checked by the policy."""
    loader_key, typename = LoaderKey(loader, key), TYPENAMES[loader]

    async def resolve(root: Any, info: Info) -> Any:
        key_value = loader_key.key_of(root)
        if key_value is None:
            return None
        (row,) = await info.context.policy.can_see([await info.context.loaders.load(loader, key_value)], typename)
        return row

    async def resolve_level(rows: Rows, info: RawInfo) -> Any:
        columns = columns_of(info, typename)
        related_rows = await info.context.loaders.load_level(loader, loader_key.keys_of(rows), columns)
        return await info.context.policy.can_see(related_rows, typename)

    level = Level(resolve_level, loader, reads=key)
    return strawberry.field(resolver=resolve, description=description, metadata={"engine": level})


def related_of_any_type(column: str, *, description: str) -> Any:
    """Returns a field for a row of one of several types.

    The columns `<column>_type`, `<column>_owner_id` and `<column>_id` identify the row.
    """
    typename, owner, row_id = f"{column}_type", f"{column}_owner_id", f"{column}_id"

    async def resolve(root: Any, info: Info) -> Any:
        raw_info: Any = info._raw_info  # noqa: SLF001 - as above
        (row,) = await resolve_level([root], raw_info)
        return row

    async def resolve_level(rows: Rows, info: RawInfo) -> Any:
        ids, context = [(row[typename], row[owner], row[row_id]) for row in rows], info.context
        related_rows = await load_rows(context.loaders, ids, lambda name: columns_of(info, name))
        return await context.policy.can_see(related_rows)

    level = Level(resolve_level, "the loader of each type", reads=(typename, owner, row_id))
    return strawberry.field(resolver=resolve, description=description, metadata={"engine": level})


def connection(loader: str, *, key: tuple[str, ...], of_type: str, list_name: str, description: str) -> Any:
    """Returns a field for a page of other rows, of the type `of_type`.

    Keys of the loader are pairs of the row's columns `key` and a `PageRequest`.
    """
    loader_key = LoaderKey(loader, key)

    def keys_of(rows: Rows, context: Context, first: int | None, after: str | None) -> list[Any]:
        pages = context.pages([f"{list_name}:{row['id']}" for row in rows], first, after)
        return list(zip(loader_key.keys_of(rows), pages, strict=True))

    async def resolve(root: Any, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Any:
        (page_key,) = keys_of([root], info.context, first, after)
        return await info.context.loaders.load(loader, page_key)

    async def resolve_level(rows: Rows, info: RawInfo, *, first: int | None, after: str | None = None) -> Any:
        context, columns = info.context, columns_of(info, of_type)
        if after is None:
            return await context.loaders.load_level(loader, keys_of(rows, context, first, None), columns)
        # A cursor is valid for the list of at most one row.
        keys: list[Any] = []
        for row in rows:
            try:
                keys += keys_of([row], context, first, after)
            except BadUserInput as error:
                keys.append(error)
        valid: list[Any] = [key for key in keys if type(key) is tuple]
        pages = iter(await context.loaders.load_level(loader, valid, columns))
        return [next(pages) if type(key) is tuple else key for key in keys]

    return strawberry.field(
        resolver=resolve,
        directives=[paged()],
        description=description,
        metadata={"engine": Level(resolve_level, loader, reads=("id", *key))},
    )
