"""What a loader is, and an operation's set of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiodataloader import DataLoader

from adapters.database import Database
from core.viewer import Viewer

Batch = Callable[[Database, Viewer, list[Any]], Awaitable[Sequence[Any]]]
"""Keys in, results in the same order out, None where there is nothing; a result may be an exception."""


class Loader(DataLoader[Any, Any]):
    """A DataLoader in which a cancelled waiter leaves the key's future to the others."""

    def __init__(self, batch: Batch, database: Database, viewer: Viewer) -> None:
        async def load_batch(keys: list[Any]) -> list[Any]:
            return list(await batch(database, viewer, keys))

        super().__init__(load_batch)

    def load(self, key: Any) -> asyncio.Future[Any]:
        return asyncio.shield(super().load(key))


class Loaders:
    """The loaders of one operation (or one live event): made when first asked, and forgotten with it."""

    def __init__(self, batches: Mapping[str, Batch], database: Database, viewer: Viewer) -> None:
        self._batches = batches
        self._database = database
        self._viewer = viewer
        self._made: dict[str, Loader] = {}

    def load(self, name: str, key: Any) -> asyncio.Future[Any]:
        loader = self._made.get(name)
        if loader is None:
            loader = self._made[name] = Loader(self._batches[name], self._database, self._viewer)
        return loader.load(key)


OwnedKey = tuple[int, int]
"""Owner and id: the primary key of a hot table."""


def owners_and_ids(keys: Iterable[OwnedKey]) -> tuple[list[int], list[int]]:
    """For `owner = ANY($1) AND id = ANY($2)`, which names the partitions; `in_order` drops what nobody asked for."""
    pairs = list(keys)
    return [owner for owner, _ in pairs], [row_id for _, row_id in pairs]


def in_order(keys: Iterable[Any], rows: Iterable[Any], key: Callable[[Any], Any]) -> list[Any]:
    """One row or None per key, in the keys' order."""
    found = {key(row): row for row in rows}
    return [found.get(wanted) for wanted in keys]


def grouped(keys: Iterable[Any], rows: Iterable[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """The rows of each key in their order, for the keys in theirs."""
    wanted = list(keys)
    groups: dict[Any, list[Any]] = {each: [] for each in wanted}
    for row in rows:
        if (group := groups.get(key(row))) is not None:
            group.append(row)
    return [groups[each] for each in wanted]
