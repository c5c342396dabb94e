"""The loader class, the set of loaders of one operation, and helpers for batch functions."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from aiodataloader import DataLoader

from adapters.database import Database
from core.operation_counts import operation_counts
from core.tracing import SpanKind, current_span, recording_span
from core.viewer import Viewer

Batch = Callable[[Database, Viewer, list[Any]], Awaitable[Sequence[Any]]]
"""A batch function: returns one result per key, in order. A result may be None (not found) or an exception."""


class Loader(DataLoader[Any, Any]):
    """A DataLoader that also loads whole levels. Cancelling one waiter does not cancel a batch that others await."""

    def __init__(self, batch: Batch, database: Database, viewer: Viewer) -> None:
        async def load_batch(keys: list[Any]) -> list[Any]:
            if (counts := operation_counts.get()) is not None:
                counts.batches += 1
            return list(await batch(database, viewer, keys))

        super().__init__(load_batch)
        self._load_batch = load_batch
        self._results: dict[Any, Any] = {}
        self._next_keys: list[Any] = []
        self._next: asyncio.Task[None] | None = None
        self._loading: dict[Any, asyncio.Task[None]] = {}
        self._waiting: Counter[asyncio.Task[None]] = Counter()

    def load(self, key: Any) -> asyncio.Future[Any]:
        if key in self._loading:
            return asyncio.ensure_future(self._load_as_level(key))
        if key in self._results:
            self.prime(key, self._results[key])
        return asyncio.shield(super().load(key))

    async def load_level(self, keys: Sequence[Any]) -> list[Any]:
        """Returns one result per key, in order, with None for the key None. A result may be an exception.

        Levels that load at the same time share one batch. Keys of a level need no future of their own.
        """
        results = self._results
        missing = {key for key in keys if key not in results and key is not None}
        if missing:
            cache: Mapping[Any, asyncio.Future[Any]] = self._cache
            single: dict[Any, asyncio.Future[Any]] = {key: cache[key] for key in missing & cache.keys()}
            await self._wait_for(self._start_batch(missing.difference(single) if single else missing))
            for key, future in single.items():
                results[key] = await asyncio.shield(future)
        return [None if key is None else results[key] for key in keys]

    def _start_batch(self, keys: set[Any]) -> set[asyncio.Task[None]]:
        """Adds keys that are not loading to the next batch. Returns the tasks that load the keys."""
        loading = {self._loading[key] for key in keys & self._loading.keys()} if self._loading else set()
        new = keys - self._loading.keys() if loading else keys
        if new:
            if self._next is None:
                self._next = asyncio.create_task(self._load_next())
            self._next_keys += new
            self._loading.update(dict.fromkeys(new, self._next))
            loading.add(self._next)
        return loading

    async def _wait_for(self, batches: Collection[asyncio.Task[None]]) -> None:
        """Waits for batches. Cancels a batch when its last waiter has ended before it."""
        self._waiting.update(batches)
        try:
            for loading in batches:
                await asyncio.shield(loading)
        finally:
            for loading in batches:
                self._stop_waiting(loading)

    def _stop_waiting(self, loading: asyncio.Task[None]) -> None:
        self._waiting[loading] -= 1
        if not self._waiting[loading]:
            del self._waiting[loading]
            if not loading.done():
                self._cancel(loading)

    def _cancel(self, loading: asyncio.Task[None]) -> None:
        loading.cancel()
        if self._next is loading:
            self._next_keys, self._next = [], None
        self._loading = {key: other for key, other in self._loading.items() if other is not loading}

    async def _load_next(self) -> None:
        keys, self._next_keys, self._next = self._next_keys, [], None
        try:
            self._results.update(zip(keys, await self._load_batch(keys), strict=True))
        finally:
            current = asyncio.current_task()
            for key in keys:
                if self._loading.get(key) is current:
                    del self._loading[key]

    async def _load_as_level(self, key: Any) -> Any:
        (result,) = await self.load_level([key])
        if isinstance(result, Exception):
            raise result
        return result


class Loaders:
    """The loaders of one operation or one event of a subscription. Each loader is created at its first use.

    `databases` returns the database of the loader with a name, which is that of its feature.
    Loaders that `shared` contains are those of the shared ones. The others run as many batches as `slots` allows.
    """

    def __init__(
        self,
        batches: Mapping[str, Batch],
        databases: Callable[[str], Database],
        viewer: Viewer,
        *,
        shared: "Loaders | None" = None,
        slots: asyncio.Semaphore | None = None,
    ) -> None:
        self._batches = batches
        self._databases = databases
        self._viewer = viewer
        self._shared = shared
        self._slots = slots
        self._loaders: dict[str, Loader] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._batches

    def load(self, name: str, key: Any) -> asyncio.Future[Any]:
        return self.loader(name).load(key)

    def load_level(self, name: str, keys: Sequence[Any]) -> Coroutine[Any, Any, list[Any]]:
        """Calls `Loader.load_level` of the named loader."""
        return self.loader(name).load_level(keys)

    def loader(self, name: str) -> Loader:
        """Returns the loader of this name."""
        loader = self._loaders.get(name)
        if loader is None:
            if self._shared is not None and name in self._shared:
                loader = self._loaders[name] = self._shared.loader(name)
                return loader
            batch = self._batches[name] if self._slots is None else _limited(self._batches[name], self._slots)
            batch = batch if current_span.get() is None else _traced(name, batch)
            loader = self._loaders[name] = Loader(batch, self._databases(name), self._viewer)
        return loader


def _limited(batch: Batch, slots: asyncio.Semaphore) -> Batch:
    async def limited(database: Database, viewer: Viewer, keys: list[Any]) -> Sequence[Any]:
        async with slots:
            return await batch(database, viewer, keys)

    return limited


def _traced(name: str, batch: Batch) -> Batch:
    """Returns a batch function that has a span, with the loader's name and the number of keys."""

    async def traced(database: Database, viewer: Viewer, keys: list[Any]) -> Sequence[Any]:
        parent = recording_span()
        if parent is None:
            return await batch(database, viewer, keys)
        attributes = {"bff.loader": name, "bff.loader.keys": len(keys)}
        with parent.child(f"load {name}", SpanKind.INTERNAL, {**attributes}):
            return await batch(database, viewer, keys)

    return traced


OwnedKey = tuple[int, int]
"""Owner id and row id, the primary key of a partitioned table."""


def owners_and_ids(keys: Iterable[OwnedKey]) -> tuple[list[int], list[int]]:
    """Returns the parameters of `owner = ANY($1) AND id = ANY($2)`, which selects the partitions.

    The statement may return other pairs too; `in_order` drops them.
    """
    pairs = list(keys)
    return [owner for owner, _ in pairs], [row_id for _, row_id in pairs]


def in_order(keys: Iterable[Any], rows: Iterable[Any], key: Callable[[Any], Any]) -> list[Any]:
    """Returns one row or None per key, in the order of the keys."""
    by_key = {key(row): row for row in rows}
    return [by_key.get(row_key) for row_key in keys]


def grouped(keys: Collection[Any], rows: Iterable[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """Returns the list of rows of each key, in the order of the keys."""
    groups: dict[Any, list[Any]] = {group_key: [] for group_key in keys}
    for row in rows:
        if (group := groups.get(key(row))) is not None:
            group.append(row)
    return [groups[group_key] for group_key in keys]
