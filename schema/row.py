"""Types that describe rows, and the four kinds of fields that are no column.

A field without a resolver reads the row's key of its name. `derived` computes from the row, `loaded` fetches a value by
a loader unless the row has it, `edge` and `connection` follow a loader to other rows. Declarations carry what they do
as metadata, so that an executor can run them for a whole level at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo

from core.global_ids import global_id
from core.paging import DEFAULT_FIRST, HIGHEST_FIRST
from loaders.by_type import load_row
from schema.context import Info

First = Annotated[
    int | None,
    strawberry.argument(
        description=f"How many to return at most, 1 to {HIGHEST_FIRST}.", metadata={"most": HIGHEST_FIRST}
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Return what follows this cursor; leave it out to start at the top.")
]


def read_column(row: Mapping[str, Any], name: str) -> Any:
    """The schema's default resolver."""
    return row[name]


class Row:
    """A type whose values are rows: mappings from column to value, with `__typename` where several types may stand."""

    @classmethod
    def is_type_of(cls, row: Mapping[str, Any], _info: GraphQLResolveInfo[Any]) -> bool:
        return row.get("__typename", cls.__name__) == cls.__name__


@strawberry.interface(description="Anything that has an id and can be fetched again by it, with `node`.")
class Node(Row):
    """Rows with a global id."""

    id: strawberry.ID = strawberry.field(
        description="Opaque and stable, unique among all types. Send it back exactly as it came; never take it apart."
    )

    @classmethod
    def resolve_type(
        cls, row: Mapping[str, Any], _info: GraphQLResolveInfo[Any], _abstract: GraphQLAbstractType
    ) -> str:
        return row["__typename"]


@dataclass(frozen=True, slots=True)
class Followed:
    """What a field follows: `loader`, by the row's columns `key`."""

    loader: str
    key: tuple[str, ...]

    def key_of(self, row: Mapping[str, Any]) -> Any:
        """A single column's value, a tuple of several, None when one of them is NULL."""
        values = tuple(row[column] for column in self.key)
        if None in values:
            return None
        return values if len(self.key) > 1 else values[0]


def node_id(typename: str, owner: str) -> Any:
    """The `id` field of a type whose rows live in the partition of their column `owner`."""
    return derived(lambda row: global_id(typename, row[owner], row["id"]), description="Global id.")


def derived(compute: Callable[[Any], Any], *, description: str) -> Any:
    """A pure function of the row."""

    def resolve(root: Any) -> Any:
        return compute(root)

    return strawberry.field(resolver=resolve, description=description, metadata={"derived": compute})


def loaded(loader: str, *, key: tuple[str, ...], inlined: str, description: str, pick: str | None = None) -> Any:
    """A value (no row) that a loader finds by the row's columns `key`, or that the row has already in `inlined`.

    With `pick` the value is one column of what is found.
    """
    followed = Followed(loader, key)

    def picked(found: Any) -> Any:
        return found[pick] if pick else found

    async def load(root: Any, info: Info) -> Any:
        return picked(await info.context.loaders.load(loader, followed.key_of(root)))

    def resolve(root: Any, info: Info) -> Any:
        return picked(root[inlined]) if inlined in root else load(root, info)

    metadata = {"loaded": followed, "inlined": inlined, "pick": pick}
    return strawberry.field(resolver=resolve, description=description, metadata=metadata)


def edge(loader: str, *, key: tuple[str, ...], description: str) -> Any:
    """Another row, found by the row's columns `key` and shown if the policy allows."""
    followed = Followed(loader, key)

    async def resolve(root: Any, info: Info) -> Any:
        wanted = followed.key_of(root)
        if wanted is None:
            return None
        (row,) = await info.context.policy.can_see([await info.context.loaders.load(loader, wanted)])
        return row

    return strawberry.field(resolver=resolve, description=description, metadata={"edge": followed})


def edge_to_any(column: str, *, description: str) -> Any:
    """A row of one of several types: columns `<column>_type`, `_owner_id` and `_id` say which and where."""

    async def resolve(root: Any, info: Info) -> Any:
        typename = root[f"{column}_type"]
        if typename is None:
            return None
        found = await load_row(info.context.loaders, typename, root[f"{column}_owner_id"], root[f"{column}_id"])
        (row,) = await info.context.policy.can_see([found])
        return row

    return strawberry.field(resolver=resolve, description=description, metadata={"edge_to_any": column})


def connection(loader: str, *, key: tuple[str, ...], list_name: str, description: str) -> Any:
    """A page of other rows, by a loader whose keys are pairs of the row's columns `key` and a `PageRequest`."""
    followed = Followed(loader, key)

    async def resolve(root: Any, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Any:
        wanted = info.context.page(f"{list_name}:{root['id']}", first, after)
        return await info.context.loaders.load(loader, (followed.key_of(root), wanted))

    return strawberry.field(
        resolver=resolve, description=description, metadata={"connection": followed, "list_name": list_name}
    )
