"""The response stores, on every engine."""

import asyncio
from typing import Any

import pytest

from adapters.response_store import ANYTHING, Hold, ResponseStore, StoreUnavailable, open_response_store, stream
from adapters.response_store.base import MAX_HOLD_SECONDS
from adapters.response_store.entries import MAX_TAGS_PER_ENTRY
from adapters.response_store.memory import OVERHEAD, MemoryStore
from core.errors import SettingsError
from tests.adapters.conftest import CONNECTED
from tests.support.response_store import (
    LIFE,
    client_of,
    eventually,
    is_current,
    new_name,
    position_of,
    processes,
    url_of,
)
from tests.support.timing import until

SHARED = [engine for engine in CONNECTED if engine != "postgres"]


@pytest.fixture(params=["memory", *SHARED])
def url(request: pytest.FixtureRequest) -> str:
    return url_of(request.param, request)


@pytest.fixture(params=SHARED)
def shared_url(request: pytest.FixtureRequest) -> str:
    """An engine that processes share."""
    return url_of(request.param, request)


async def _is_missing(store: ResponseStore, key: str) -> bool:
    return await store.read(key) is None


async def _is_current_now(store: ResponseStore, tag: str) -> bool:
    return await is_current(store, await position_of(store), tag)


async def test_every_process_reads_a_response_until_its_life_is_over(url: str) -> None:
    async with processes(url) as (here, there):
        assert await here.read("a") is None
        await here.write("a", b"first \x00\xff", LIFE)
        await here.write("b", b"short", 100)
        assert (await there.read("a"), await there.read("c")) == (b"first \x00\xff", None)
        await here.write("a", b"", LIFE)
        assert await there.read("a") == b""
        await here.write("c", b"never", 0)
        await eventually(lambda: _is_missing(there, "b"))
        await eventually(lambda: _is_missing(there, "c"))
        assert here.failures == there.failures == 0


async def test_the_next_read_of_every_process_knows_what_was_announced(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        assert await is_current(there, before, "a", "b")
        assert await here.announce(["a", "c"])
        assert not await is_current(there, before, "a", "b")
        assert await is_current(there, before, "b")
        assert await is_current(there, await position_of(there), "a", "b")
        assert await here.announce([])
        assert await here.announce([ANYTHING])
        assert not await is_current(there, before, "b")
        assert await is_current(here, await position_of(here), "b")


async def test_announcements_at_the_same_time_all_arrive(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        many = [f"tag-{number}" for number in range(5_000)]
        announced = await asyncio.gather(here.announce(many), *(here.announce([f"one-{n}"]) for n in range(500)))
        assert announced == [True] * 501
        await there.read("a")
        moved = [*many, *(f"one-{number}" for number in range(500))]
        assert not any(there.tail.is_current(before, [tag]) for tag in moved)
        assert there.tail.is_current(before, ["other"])


async def test_nothing_with_held_tags_is_current_until_the_hold_is_confirmed(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        first, second = await here.hold(["a", "b"], 60), await here.hold(["b"], 60)
        assert first.is_announced
        assert second.is_announced
        held = await position_of(there)
        assert [await is_current(there, held, tag) for tag in "abc"] == [False, False, True]
        assert await here.confirm(first)
        confirmed = await position_of(there)
        assert [await is_current(there, confirmed, tag) for tag in "abc"] == [True, False, True]
        assert [await is_current(there, held, tag) for tag in "abc"] == [False, False, True]
        assert await here.confirm(second)
        assert [await is_current(there, await position_of(there), tag) for tag in "abc"] == [True, True, True]
        assert [await is_current(there, before, tag) for tag in "abc"] == [False, False, True]


async def test_a_hold_of_a_process_that_died_ends_by_itself(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        assert (await here.hold(["a"], 0.5)).is_announced
        if here is not there:
            await here.close()
        held = await position_of(there)
        assert not await is_current(there, held, "a")
        await eventually(lambda: _is_current_now(there, "a"))
        assert not await is_current(there, before, "a")
        assert not await is_current(there, held, "a")


@pytest.mark.parametrize("seconds", [0, -1, MAX_HOLD_SECONDS + 1])
async def test_a_hold_that_is_not_announced_is_announced_when_it_is_confirmed(url: str, seconds: float) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        hold = await here.hold(["a"], seconds)
        assert (hold, hold.is_announced) == (Hold(0, frozenset({"a"})), False)
        assert await is_current(there, before, "a")
        assert await here.confirm(hold)
        assert not await is_current(there, before, "a")


async def test_a_hold_without_tags_holds_nothing(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        hold = await here.hold([], 60)
        assert await here.confirm(hold)
        assert await is_current(there, before, "a")


async def test_one_process_at_a_time_has_a_lock(url: str) -> None:
    async with processes(url) as (here, there):
        assert [await here.acquire("a", LIFE), await there.acquire("a", LIFE), await there.acquire("b", 100)] == [
            True,
            False,
            True,
        ]
        assert await there.read("a") is None
        await here.release("a")
        assert await there.acquire("a", LIFE)
        await eventually(lambda: here.acquire("b", LIFE))


async def test_a_cancelled_call_does_not_disturb_others(url: str) -> None:
    async with processes(url) as (here, there):
        before = await position_of(there)
        await here.write("a", b"value", LIFE)
        tasks = [asyncio.ensure_future(here.read("a")) for _ in range(20)]
        announcing = [asyncio.ensure_future(here.announce([f"tag-{number}"])) for number in range(20)]
        await asyncio.sleep(0)
        for task in (*tasks[::2], *announcing[::2]):
            task.cancel()
        assert await asyncio.gather(*tasks[1::2]) == [b"value"] * 10
        assert await asyncio.gather(*announcing[1::2]) == [True] * 10
        assert not await is_current(there, before, "tag-1")
        await asyncio.gather(*tasks, *announcing, return_exceptions=True)


async def test_announcements_of_one_turn_are_one_entry(shared_url: str) -> None:
    name = new_name()
    async with processes(shared_url, name) as (here, _), client_of(shared_url) as client:
        redis: Any = client
        before = await redis.xlen(f"{name}:moves")
        await asyncio.gather(*(here.announce([f"tag-{number % 20}"]) for number in range(100)))
        assert await redis.xlen(f"{name}:moves") == before + 1
        await here.announce([f"tag-{number}" for number in range(2 * MAX_TAGS_PER_ENTRY + 1)])
        assert await redis.xlen(f"{name}:moves") == before + 4


async def test_a_read_knows_all_of_many_pages_of_entries(shared_url: str) -> None:
    name = new_name()
    async with processes(shared_url, name) as (here, there), client_of(shared_url) as client:
        before = await position_of(there)
        redis: Any = client
        for number in range(3_500):
            await redis.xadd(f"{name}:moves", {"t": f"tag-{number}"})
        await asyncio.gather(*(there.read("a") for _ in range(10)), *(there.write("a", b"", LIFE) for _ in range(10)))
        assert not any(there.tail.is_current(before, [f"tag-{number}"]) for number in range(3_500))
        assert there.tail.generation == here.tail.generation == 1
        assert there.failures == 0


async def test_a_new_process_uses_responses_that_are_older_than_itself(
    shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TRUST_SECONDS", 0.0)
    name = new_name()
    async with processes(shared_url, name) as (here, _):
        await here.announce(["old"])
        position = await position_of(here)
        await here.announce([f"new-{number}" for number in range(100)])
        hold = await here.hold(["held"], 60)
        async with processes(shared_url, name) as (there, _):
            await eventually(lambda: is_current(there, position, "old", "other"))
            assert not await is_current(there, position, "old", "new-99")
            assert not await is_current(there, await position_of(there), "held")
            await here.confirm(hold)
            assert await is_current(there, await position_of(there), "held")


async def test_a_new_process_does_not_trust_the_time_before_a_failover(
    shared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "TRUST_SECONDS", 0.0)
    name = new_name()
    async with processes(shared_url, name) as (here, _), client_of(shared_url) as client:
        position = await position_of(here)
        redis: Any = client
        await redis.xadd(f"{name}:moves", {"k": "m", "s": "another server"})
        async with processes(shared_url, name) as (there, _):
            assert await is_current(here, position, "a")
            assert not await is_current(there, position, "a")
            assert await is_current(there, await position_of(there), "a")


@pytest.mark.parametrize("fields", [{"foreign": "x"}, {"t": b"\xff\x00"}, {"k": "h", "t": "a", "d": "soon"}])
async def test_a_foreign_entry_outdates_everything_before_it(shared_url: str, fields: dict[Any, Any]) -> None:
    name = new_name()
    async with processes(shared_url, name) as (here, _), client_of(shared_url) as client:
        before = await position_of(here)
        redis: Any = client
        await redis.xadd(f"{name}:moves", fields)
        assert not await is_current(here, before, "other")
        assert await is_current(here, await position_of(here), "other")


@pytest.mark.parametrize("command", ["DEL {key}", "XTRIM {key} MAXLEN 0", "SET {key} text"])
async def test_lost_entries_outdate_everything(shared_url: str, command: str) -> None:
    name = new_name()
    async with processes(shared_url, name) as (here, there), client_of(shared_url) as client:
        before, generation = await position_of(there), there.tail.generation
        await here.announce(["a"])
        calls: Any = client
        await calls.execute_command(*command.format(key=f"{name}:moves").split())
        with pytest.raises(StoreUnavailable):
            await there.read("a")
        assert not there.is_available
        await calls.delete(f"{name}:moves")
        await until(lambda: there.is_available)
        assert there.tail.generation > generation
        assert not await is_current(there, before, "other")
        assert await is_current(there, await position_of(there), "other")


async def test_a_key_of_another_type_costs_one_call(shared_url: str) -> None:
    name = new_name()
    async with processes(shared_url, name) as (here, _), client_of(shared_url) as client:
        calls: Any = client
        await calls.lpush(f"{name}:response:a", "text")
        with pytest.raises(StoreUnavailable, match=r"^WRONGTYPE$"):
            await here.read("a")
        assert (await here.read("b"), here.failures) == (None, 1)


async def test_a_closed_store_is_not_available(shared_url: str) -> None:
    async with processes(shared_url) as (here, _):
        reading = asyncio.ensure_future(here.read("a"))
        await asyncio.sleep(0)
        await here.close()
        assert not here.is_available
        (result,) = await asyncio.gather(reading, return_exceptions=True)
        assert result is None or isinstance(result, StoreUnavailable)
        assert not await here.announce(["a"])


async def test_memory_evicts_what_was_not_read_longest() -> None:
    store = MemoryStore(max_bytes=3 * (OVERHEAD + 11))
    for key in "abc":
        await store.write(key, b"0123456789", LIFE)
    await store.read("a")
    await store.write("d", b"0123456789", LIFE)
    assert [await store.read(key) for key in "abcd"] == [b"0123456789", None, b"0123456789", b"0123456789"]
    await store.write("large", b"x" * 10_000, LIFE)
    assert len(store) == 0


async def test_positions_in_memory_increase_when_the_clock_is_set_back() -> None:
    now = [1_000.0]
    store = MemoryStore(clock=lambda: now[0])
    position = store.tail.position
    now[0] = 500.0
    await store.announce(["a"])
    assert store.tail.position == position + 1
    assert not store.tail.is_current(position, ["a"])


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "nonsense", "redis://127.0.0.1:port/0", "redis+cluster://h/1"])
def test_a_url_that_is_wrong_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_CACHE_URL: "):
        open_response_store(url, "name")


def test_without_a_url_there_is_no_store() -> None:
    assert open_response_store("", "name") is None
