"""What a loader is, and an operation's set of them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from aiodataloader import DataLoader

from adapters.database import Database
from core.viewer import Viewer

Batch = Callable[[Database, Viewer, list[Any]], Awaitable[Sequence[Any]]]
"""Keys in, results in the same order out, None where there is nothing; a result may be an exception."""


class Loader(DataLoader[Any, Any]):
    """A DataLoader for whole levels too, in which a cancelled waiter leaves what it waits for to the others."""

    def __init__(self, batch: Batch, database: Database, viewer: Viewer) -> None:
        async def load_batch(keys: list[Any]) -> list[Any]:
            return list(await batch(database, viewer, keys))

        super().__init__(load_batch)
        self._load_batch = load_batch
        self._found: dict[Any, Any] = {}
        self._wanted: list[Any] = []
        self._next: asyncio.Task[None] | None = None
        self._loading: dict[Any, asyncio.Task[None]] = {}
        self._waiting: Counter[asyncio.Task[None]] = Counter()

    def load(self, key: Any) -> asyncio.Future[Any]:
        if key in self._loading:
            return asyncio.ensure_future(self._load_as_level(key))
        if key in self._found:
            self.prime(key, self._found[key])
        return asyncio.shield(super().load(key))

    async def load_level(self, keys: Sequence[Any]) -> list[Any]:
        """What is found for each key, in order; None for the key None. A result may be an exception.

        Levels that ask at the same time share one batch, and no key needs a future of its own.
        """
        found = self._found
        missing = {key for key in keys if key not in found and key is not None}
        if missing:
            cache: Mapping[Any, asyncio.Future[Any]] = self._cache
            alone: dict[Any, asyncio.Future[Any]] = {key: cache[key] for key in missing & cache.keys()}
            for loading in self._load_together(missing.difference(alone) if alone else missing):
                await self._wait_for(loading)
            for key, future in alone.items():
                found[key] = await asyncio.shield(future)
        return [None if key is None else found[key] for key in keys]

    def _load_together(self, keys: set[Any]) -> set[asyncio.Task[None]]:
        """What has to be waited for until the keys are found."""
        others = {self._loading[key] for key in keys & self._loading.keys()} if self._loading else set()
        new = keys - self._loading.keys() if others else keys
        if new:
            if self._next is None:
                self._next = asyncio.create_task(self._load_wanted())
            self._wanted += new
            self._loading.update(dict.fromkeys(new, self._next))
            others.add(self._next)
        return others

    async def _wait_for(self, loading: asyncio.Task[None]) -> None:
        """One who waits may leave; when nobody is left, the batch is given up."""
        self._waiting[loading] += 1
        try:
            await asyncio.shield(loading)
        finally:
            self._waiting[loading] -= 1
            if not self._waiting[loading]:
                del self._waiting[loading]
                if not loading.done():
                    self._give_up(loading)

    def _give_up(self, loading: asyncio.Task[None]) -> None:
        loading.cancel()
        if self._next is loading:
            self._wanted, self._next = [], None
        self._loading = {key: other for key, other in self._loading.items() if other is not loading}

    async def _load_wanted(self) -> None:
        keys, self._wanted, self._next = self._wanted, [], None
        try:
            self._found.update(zip(keys, await self._load_batch(keys), strict=True))
        finally:
            mine = asyncio.current_task()
            for key in keys:
                if self._loading.get(key) is mine:
                    del self._loading[key]

    async def _load_as_level(self, key: Any) -> Any:
        (result,) = await self.load_level([key])
        if isinstance(result, Exception):
            raise result
        return result


class Loaders:
    """The loaders of one operation (or one live event): made when first asked, and forgotten with it."""

    def __init__(self, batches: Mapping[str, Batch], database: Database, viewer: Viewer) -> None:
        self._batches = batches
        self._database = database
        self._viewer = viewer
        self._made: dict[str, Loader] = {}

    def load(self, name: str, key: Any) -> asyncio.Future[Any]:
        return self._loader(name).load(key)

    def load_level(self, name: str, keys: Sequence[Any]) -> Coroutine[Any, Any, list[Any]]:
        """`Loader.load_level` of the loader of that name."""
        return self._loader(name).load_level(keys)

    def _loader(self, name: str) -> Loader:
        loader = self._made.get(name)
        if loader is None:
            loader = self._made[name] = Loader(self._batches[name], self._database, self._viewer)
        return loader


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


def grouped(keys: Collection[Any], rows: Iterable[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """The rows of each key in their order, for the keys in theirs."""
    groups: dict[Any, list[Any]] = {each: [] for each in keys}
    for row in rows:
        if (group := groups.get(key(row))) is not None:
            group.append(row)
    return [groups[each] for each in keys]
