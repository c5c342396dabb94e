"""Levels that select different columns of the same rows."""

import asyncio
from typing import Any

import pytest

from core.columns import ColumnNames, RowColumns
from core.viewer import Anonymous
from loaders.loader import Loaders, with_columns

DATABASE: Any = None
COLUMNS = RowColumns({name: f"t.{name}" for name in ("id", "a", "b", "c")}, always=["id"])
A, B, C = frozenset({"a"}), frozenset({"b"}), frozenset({"c"})


class Table:
    """A loader of rows that contain their id and the selected columns. Each batch waits until it may end."""

    def __init__(self) -> None:
        self.batches: list[tuple[set[int], set[str]]] = []
        self.gates: list[asyncio.Event] = []
        self.is_open = True

        @with_columns(COLUMNS)
        async def row_by_id(
            _database: Any, _viewer: Any, keys: list[int], columns: ColumnNames | None = None
        ) -> list[dict[str, int]]:
            chosen = COLUMNS.chosen(columns)
            self.batches.append((set(keys), set(chosen)))
            self.gates.append(asyncio.Event())
            if not self.is_open:
                await self.gates[-1].wait()
            return [dict.fromkeys(sorted(chosen), key) for key in keys]

        self.loaders = Loaders({"row": row_by_id}, lambda _name: DATABASE, Anonymous())

    async def load(self, keys: list[int], columns: ColumnNames | None = None) -> list[Any]:
        return await self.loaders.load_level("row", keys, columns)

    async def begin(self, keys: list[int], columns: ColumnNames | None) -> asyncio.Task[list[Any]]:
        """Begins a batch that waits, and returns the level."""
        count, level = len(self.batches), asyncio.create_task(self.load(keys, columns))
        while len(self.batches) == count:  # noqa: ASYNC110 - a list is watched
            await asyncio.sleep(0)
        return level


@pytest.fixture
def table() -> Table:
    return Table()


async def test_levels_that_begin_together_share_a_batch_with_the_columns_of_both(table: Table) -> None:
    first, second = await asyncio.gather(table.load([1, 2], A), table.load([2, 3], B))
    assert table.batches == [({1, 2, 3}, {"id", "a", "b"})]
    assert [row["a"] for row in first] == [1, 2]
    assert [row["b"] for row in second] == [2, 3]


async def test_columns_that_a_row_has_are_not_loaded_again(table: Table) -> None:
    await table.load([1], A | B)
    assert (
        await table.load([1], A) == await table.load([1], frozenset({"b", "id"})) == await table.load([1], frozenset())
    )
    assert len(table.batches) == 1


async def test_a_row_without_the_columns_is_loaded_again_with_those_that_it_had(table: Table) -> None:
    await table.load([1, 2], A)
    assert await table.load([2, 3], B) == [{"id": 2, "a": 2, "b": 2}, {"id": 3, "a": 3, "b": 3}]
    assert await table.load([2], A) == [{"id": 2, "a": 2, "b": 2}]
    assert table.batches == [({1, 2}, {"id", "a"}), ({2, 3}, {"id", "a", "b"})]


async def test_all_columns_contain_every_selection(table: Table) -> None:
    await table.load([1], A)
    whole = {"id": 1, "a": 1, "b": 1, "c": 1}
    assert await table.load([1]) == [whole]
    assert await table.load([1], A | B | C) == await table.load([1], B) == [whole]
    assert await table.loaders.load("row", 1) == whole
    assert len(table.batches) == 2


async def test_a_single_key_gets_all_columns(table: Table) -> None:
    await table.load([1], A)
    assert await table.loaders.load("row", 1) == {"id": 1, "a": 1, "b": 1, "c": 1}
    assert await table.load([1], C) == [{"id": 1, "a": 1, "b": 1, "c": 1}]
    assert len(table.batches) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_a_row_that_is_loading_without_the_columns_is_loaded_in_another_batch(
    table: Table, order: tuple[int, int]
) -> None:
    table.is_open = False
    levels = [await table.begin([1], A), await table.begin([1], B)]
    for number in order:
        table.gates[number].set()
        await asyncio.sleep(0.01)
    (first,), (second,) = await asyncio.gather(*levels)
    assert (first["a"], second["b"]) == (1, 1)
    assert table.batches == [({1}, {"id", "a"}), ({1}, {"id", "a", "b"})]
    assert await table.load([1], A | B) == [{"id": 1, "a": 1, "b": 1}]
    assert len(table.batches) == 2


async def test_a_row_that_is_loading_with_more_columns_is_awaited(table: Table) -> None:
    table.is_open = False
    whole = await table.begin([1], A | B)
    part = asyncio.create_task(table.load([1], B))
    await asyncio.sleep(0)
    table.gates[0].set()
    assert await whole == await part
    assert len(table.batches) == 1


async def test_a_level_that_is_cancelled_leaves_other_columns_to_the_others(table: Table) -> None:
    table.is_open = False
    cancelled, kept = await table.begin([1], A), await table.begin([1], B)
    cancelled.cancel()
    table.gates[1].set()
    assert await kept == [{"id": 1, "a": 1, "b": 1}]


async def test_a_batch_function_without_columns_returns_all() -> None:
    batches: list[list[int]] = []

    async def row_by_id(_database: Any, _viewer: Any, keys: list[int]) -> list[dict[str, int]]:
        batches.append(keys)
        return [{"a": key, "b": key} for key in keys]

    loaders = Loaders({"row": row_by_id}, lambda _name: DATABASE, Anonymous())
    assert await loaders.load_level("row", [1], A) == await loaders.load_level("row", [1], B) == [{"a": 1, "b": 1}]
    assert batches == [[1]]
