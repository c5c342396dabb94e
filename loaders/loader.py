"""The loader class, the set of loaders of one operation, and helpers for batch functions."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from aiodataloader import DataLoader

from adapters.database import Database
from core.columns import ColumnNames, RowColumns
from core.operation_counts import operation_counts
from core.tracing import SpanKind, current_span, recording_span
from core.viewer import Viewer

Batch = Callable[..., Awaitable[Sequence[Any]]]
"""A batch function of a database, a viewer and keys: returns one result per key, in order.

A result may be None (not found) or an exception. Its rows contain all columns, unless it is marked by `with_columns`.
"""
BatchT = TypeVar("BatchT", bound=Batch)


def with_columns(row_columns: RowColumns) -> Callable[[BatchT], BatchT]:
    """Marks a batch function whose fourth parameter `columns` selects from the columns of its rows; None: all."""

    def mark(batch: BatchT) -> BatchT:
        vars(batch)[_ROW_COLUMNS] = row_columns
        return batch

    return mark


_ROW_COLUMNS = "row_columns"


class _LevelBatch:
    """Keys that are loaded together, with the columns that the levels which wait for them need."""

    __slots__ = ("columns", "keys", "task")

    def __init__(self, columns: ColumnNames | None) -> None:
        self.keys: dict[Any, None] = {}
        self.columns = columns
        self.task: asyncio.Task[None]


class Loader(DataLoader[Any, Any]):
    """A DataLoader that also loads whole levels. Cancelling one waiter does not cancel a batch that others await.

    With `row_columns`, the batch function selects columns. A row that lacks some that are asked for is loaded again,
    with those that it has. Levels that begin at the same time share a batch with the columns of all.
    """

    def __init__(
        self, batch: Batch, database: Database, viewer: Viewer, *, row_columns: RowColumns | None = None
    ) -> None:
        async def load_batch(keys: list[Any], columns: ColumnNames | None = None) -> list[Any]:
            if (counts := operation_counts.get()) is not None:
                counts.batches += 1
            selected = () if row_columns is None else (columns,)
            return list(await batch(database, viewer, keys, *selected))

        super().__init__(load_batch)
        self._load_batch = load_batch
        self._row_columns = row_columns
        self._results: dict[Any, Any] = {}
        self._partial: dict[Any, ColumnNames] = {}
        """The columns of results that do not have all."""
        self._next: _LevelBatch | None = None
        self._loading: dict[Any, _LevelBatch] = {}
        self._waiting: Counter[_LevelBatch] = Counter()

    def load(self, key: Any) -> asyncio.Future[Any]:
        if key in self._loading or key in self._partial:
            return asyncio.ensure_future(self._load_as_level(key))
        if key in self._results:
            self.prime(key, self._results[key])
        return asyncio.shield(super().load(key))

    async def load_level(self, keys: Sequence[Any], columns: ColumnNames | None = None) -> list[Any]:
        """Returns one result per key, in order, with None for the key None. A result may be an exception.

        Rows contain at least the columns, or all for None. Levels that load at the same time share one batch. Keys of a
        level need no future of their own.
        """
        results, columns = self._results, self._chosen(columns)
        while missing := self._missing(keys, columns):
            cache: Mapping[Any, asyncio.Future[Any]] = self._cache
            single: dict[Any, asyncio.Future[Any]] = {key: cache[key] for key in missing & cache.keys()}
            await self._wait_for(self._start_batch(missing.difference(single) if single else missing, columns))
            for key, future in single.items():
                results[key] = await asyncio.shield(future)
                self._partial.pop(key, None)
        return [None if key is None else results[key] for key in keys]

    def _chosen(self, columns: ColumnNames | None) -> ColumnNames | None:
        """Returns the columns that rows need so that `columns` can be read. None: all."""
        if columns is None or self._row_columns is None:
            return None
        chosen = self._row_columns.chosen(columns)
        return None if chosen == self._row_columns.names else chosen

    def _missing(self, keys: Sequence[Any], columns: ColumnNames | None) -> set[Any]:
        """Returns the keys without a result that has these columns."""
        results, partial = self._results, self._partial
        missing = {key for key in keys if key not in results and key is not None}
        if partial:
            missing.update(key for key in keys if not _contains(partial.get(key), columns))
        return missing

    def _start_batch(self, keys: set[Any], columns: ColumnNames | None) -> set[_LevelBatch]:
        """Adds keys that are not loading to the next batch. Returns the batches that load the keys."""
        loading = {key: self._loading[key] for key in keys & self._loading.keys()} if self._loading else {}
        batches = {batch for batch in loading.values() if _contains(batch.columns, columns)}
        new = {key for key in keys if key not in loading or loading[key] not in batches} if loading else keys
        if new:
            if self._next is None:
                self._next = _LevelBatch(columns)
                self._next.task = asyncio.create_task(self._load_next(self._next))
            batch = self._next
            batch.keys.update(dict.fromkeys(new))
            known = [each.columns for each in loading.values()] if loading else []
            known += [self._partial[key] for key in new & self._partial.keys()] if self._partial else []
            batch.columns = _union(batch.columns, columns, *known)
            self._loading.update(dict.fromkeys(new, batch))
            batches.add(batch)
        return batches

    async def _wait_for(self, batches: Collection[_LevelBatch]) -> None:
        """Waits for batches. Cancels a batch when its last waiter has ended before it."""
        self._waiting.update(batches)
        try:
            for batch in batches:
                await asyncio.shield(batch.task)
        finally:
            for batch in batches:
                self._stop_waiting(batch)

    def _stop_waiting(self, batch: _LevelBatch) -> None:
        self._waiting[batch] -= 1
        if not self._waiting[batch]:
            del self._waiting[batch]
            if not batch.task.done():
                self._cancel(batch)

    def _cancel(self, batch: _LevelBatch) -> None:
        batch.task.cancel()
        if self._next is batch:
            self._next = None
        self._loading = {key: other for key, other in self._loading.items() if other is not batch}

    async def _load_next(self, batch: _LevelBatch) -> None:
        self._next = None
        keys = list(batch.keys)
        try:
            self._store(dict(zip(keys, await self._load_batch(keys, batch.columns), strict=True)), batch.columns)
        finally:
            for key in keys:
                if self._loading.get(key) is batch:
                    del self._loading[key]

    def _store(self, found: dict[Any, Any], columns: ColumnNames | None) -> None:
        """Adds results with these columns, except to keys that have a result with more of them by now."""
        known = found.keys() & self._results.keys()
        for key in known:
            if _contains(self._partial.get(key), columns):
                del found[key]
        self._results.update(found)
        if columns is not None:
            self._partial.update(dict.fromkeys(found, columns))
        elif self._partial:
            for key in found:
                self._partial.pop(key, None)

    async def _load_as_level(self, key: Any) -> Any:
        (result,) = await self.load_level([key])
        if isinstance(result, Exception):
            raise result
        return result


def _contains(columns: ColumnNames | None, others: ColumnNames | None) -> bool:
    """Returns whether columns contain others. None stands for all."""
    return columns is None or (others is not None and columns >= others)


def _union(*columns: ColumnNames | None) -> ColumnNames | None:
    sets = [names for names in columns if names is not None]
    return frozenset().union(*sets) if len(sets) == len(columns) else None


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

    def load_level(
        self, name: str, keys: Sequence[Any], columns: ColumnNames | None = None
    ) -> Coroutine[Any, Any, list[Any]]:
        """Calls `Loader.load_level` of the named loader."""
        return self.loader(name).load_level(keys, columns)

    def loader(self, name: str) -> Loader:
        """Returns the loader of this name."""
        loader = self._loaders.get(name)
        if loader is None:
            if self._shared is not None and name in self._shared:
                loader = self._loaders[name] = self._shared.loader(name)
                return loader
            batch = self._batches[name]
            row_columns: RowColumns | None = getattr(batch, _ROW_COLUMNS, None)
            batch = batch if self._slots is None else _limited(batch, self._slots)
            batch = batch if current_span.get() is None else _traced(name, batch)
            loader = Loader(batch, self._databases(name), self._viewer, row_columns=row_columns)
            self._loaders[name] = loader
        return loader


def _limited(batch: Batch, slots: asyncio.Semaphore) -> Batch:
    async def limited(database: Database, viewer: Viewer, keys: list[Any], *columns: Any) -> Sequence[Any]:
        async with slots:
            return await batch(database, viewer, keys, *columns)

    return limited


def _traced(name: str, batch: Batch) -> Batch:
    """Returns a batch function that has a span, with the loader's name and the number of keys."""

    async def traced(database: Database, viewer: Viewer, keys: list[Any], *columns: Any) -> Sequence[Any]:
        parent = recording_span()
        if parent is None:
            return await batch(database, viewer, keys, *columns)
        attributes = {"bff.loader": name, "bff.loader.keys": len(keys)}
        with parent.child(f"load {name}", SpanKind.INTERNAL, {**attributes}):
            return await batch(database, viewer, keys, *columns)

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
