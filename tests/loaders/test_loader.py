import asyncio
from collections.abc import Awaitable, Callable
from inspect import signature
from typing import Any

import pytest

from core.viewer import Anonymous
from loaders import LOADERS, SHARED
from loaders.loader import Loaders, grouped, in_order

DATABASE: Any = None


def batching(answer: Callable[[list[int]], Awaitable[list[Any]]]) -> tuple[Loaders, list[list[int]]]:
    batches: list[list[int]] = []

    async def batch(_database: Any, _viewer: Any, keys: list[int]) -> list[Any]:
        batches.append(keys)
        return await answer(keys)

    return Loaders({"number": batch}, lambda _name: DATABASE, Anonymous()), batches


async def itself(keys: list[int]) -> list[int]:
    return keys


async def test_keys_asked_for_together_are_one_batch_each_once() -> None:
    loaders, batches = batching(itself)
    assert await asyncio.gather(*(loaders.load("number", key) for key in (1, 2, 1))) == [1, 2, 1]
    assert await loaders.load("number", 2) == 2
    assert batches == [[1, 2]]


async def test_another_operation_loads_anew() -> None:
    loaders, batches = batching(itself)
    again = Loaders(loaders._batches, lambda _name: DATABASE, Anonymous())
    await loaders.load("number", 1)
    await again.load("number", 1)
    assert batches == [[1], [1]]


async def test_a_waiter_that_is_cancelled_leaves_the_row_to_the_others() -> None:
    answered = asyncio.Event()

    async def slowly(keys: list[int]) -> list[int]:
        await answered.wait()
        return keys

    loaders, _ = batching(slowly)

    async def wait() -> int:
        return await loaders.load("number", 1)

    impatient, patient = asyncio.create_task(wait()), asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    impatient.cancel()
    answered.set()
    assert await patient == 1
    assert await loaders.load("number", 1) == 1
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_a_level_that_waits_for_two_batches_keeps_both_when_their_other_waiters_are_cancelled() -> None:
    answered = asyncio.Event()

    async def slowly(keys: list[int]) -> list[int]:
        await answered.wait()
        return keys

    loaders, batches = batching(slowly)
    others: list[asyncio.Task[list[Any]]] = []
    for key in (1, 2):
        others.append(asyncio.create_task(loaders.load_level("number", [key])))
        while len(batches) < key:  # noqa: ASYNC110 - a list is watched
            await asyncio.sleep(0)
    level = asyncio.create_task(loaders.load_level("number", [1, 2]))
    await asyncio.sleep(0)
    for other in others:
        other.cancel()
    await asyncio.wait(others)
    answered.set()
    assert await level == [1, 2]
    assert batches == [[1], [2]]


async def test_a_batch_that_fails_fails_every_key_and_may_be_tried_again() -> None:
    attempts = 0

    async def once(keys: list[int]) -> list[int]:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise LookupError
        return keys

    loaders, _ = batching(once)
    results = await asyncio.gather(loaders.load("number", 1), loaders.load("number", 2), return_exceptions=True)
    assert [type(result) for result in results] == [LookupError, LookupError]
    assert await loaders.load("number", 1) == 1


def test_rows_come_in_the_order_of_their_keys() -> None:
    rows = [{"id": 2}, {"id": 1}]
    assert in_order([1, 3, 2], rows, lambda row: row["id"]) == [{"id": 1}, None, {"id": 2}]
    assert grouped([2, 3], [{"id": 2}, {"id": 9}, {"id": 2}], lambda row: row["id"]) == [[{"id": 2}] * 2, []]


def test_shared_loaders_do_not_use_their_viewer() -> None:
    """A batch function that does not use its viewer names it `_viewer`."""
    assert {name for name in SHARED if "_viewer" not in signature(LOADERS[name]).parameters} == set()
