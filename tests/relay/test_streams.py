"""Tests event streams: consecutive offsets, epochs, and retention."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from services.event_log.event_streams import (
    MIN_ENTRIES,
    RowKey,
    StreamEvent,
    StreamEventKind,
    append_to_streams,
    trim_streams,
)
from services.event_log.log import LogPosition
from services.resources import Resources
from tests.support.streams import START_OFFSET, Offset, StreamRead, current_offset, read_stream

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINE, OTHER = RowKey(7, 7), RowKey(7, 8)


def told(number: int, stream: RowKey = MINE, subject: int = 0, at: datetime = AT) -> StreamEvent:
    return StreamEvent(stream, StreamEventKind.POST_CHANGED, RowKey(7, subject or number), LogPosition(1, number), at)


async def append(resources: Resources, *entries: StreamEvent) -> None:
    async with resources.database.transaction() as transaction:
        await append_to_streams(transaction, entries)


async def follow(resources: Resources, after: Offset = START_OFFSET, most: int = 100_000) -> StreamRead:
    found = await read_stream(resources.database, MINE, after, most)
    assert found is not None
    return found


async def test_places_are_dense_in_the_order_of_the_log_for_each_stream(resources: Resources) -> None:
    await append(resources, told(3), told(1), told(2, OTHER))
    await append(resources, told(4), told(5, OTHER))
    mine = await follow(resources)
    assert [(entry.place, entry.position.id) for entry in mine.entries] == [(1, 1), (2, 3), (3, 4)]
    assert mine.place == Offset(epoch=1, place=3) == await current_offset(resources.database, MINE)
    other = await read_stream(resources.database, OTHER, START_OFFSET, 10)
    assert other is not None
    assert [(entry.place, entry.position.id) for entry in other.entries] == [(1, 2), (2, 5)]
    assert mine.entries[0] == (1, StreamEventKind.POST_CHANGED, RowKey(7, 1), LogPosition(1, 1), AT)


async def test_what_is_said_twice_in_a_batch_stays_once_where_it_is_last(resources: Resources) -> None:
    await append(resources, told(1, subject=9), told(2), told(3, subject=9))
    assert [entry.position.id for entry in (await follow(resources)).entries] == [2, 3]


async def test_a_stream_is_followed_from_place_to_place(resources: Resources) -> None:
    assert await follow(resources) == StreamRead([], START_OFFSET)
    await append(resources, *[told(number) for number in range(1, 6)])
    first = await follow(resources, most=2)
    assert [entry.place for entry in first.entries] == [1, 2]
    second = await follow(resources, first.place, most=2)
    assert [entry.place for entry in second.entries] == [3, 4]
    last = await follow(resources, second.place)
    assert [entry.place for entry in last.entries] == [5]
    assert await follow(resources, last.place) == StreamRead([], last.place)


@pytest.mark.parametrize("place", [Offset(2, 1), Offset(1, 4), Offset(1, -1), Offset(0, 1)])
async def test_a_place_that_is_none_of_the_streams_is_not_gone_on_from(resources: Resources, place: Offset) -> None:
    await append(resources, told(1), told(2), told(3))
    assert await read_stream(resources.database, MINE, place, 10) is None
    assert await read_stream(resources.database, OTHER, place, 10) is None


async def test_a_long_stream_forgets_its_oldest_entries_and_says_so(resources: Resources) -> None:
    await append(resources, *[told(number) for number in range(1, MIN_ENTRIES + 1)])
    early = Offset(1, 5)
    assert len((await follow(resources, early)).entries) == MIN_ENTRIES - 5
    await append(resources, *[told(MIN_ENTRIES + number) for number in range(1, 102)])
    assert await read_stream(resources.database, MINE, early, 10) is None
    assert await read_stream(resources.database, MINE, START_OFFSET, 10) is None
    kept = await follow(resources, Offset(1, 101))
    assert [entry.place for entry in kept.entries] == list(range(102, MIN_ENTRIES + 102))


async def trim(resources: Resources, before: datetime, most: int = 1000) -> int:
    async with resources.database.transaction() as transaction:
        return await trim_streams(transaction, before, AT + timedelta(days=1), most)


async def test_what_is_too_old_is_forgotten_from_the_front_alone(resources: Resources) -> None:
    old, limit = AT - timedelta(days=40), AT - timedelta(days=30)
    await append(resources, told(1, at=old), told(2), told(3, at=old), told(4), told(5, OTHER, at=old))
    assert await trim(resources, limit) == 2
    assert await trim(resources, limit) == 0
    assert await read_stream(resources.database, MINE, START_OFFSET, 10) is None
    assert [entry.place for entry in (await follow(resources, Offset(1, 1))).entries] == [2, 3, 4]
    assert await trim(resources, AT + timedelta(seconds=1)) == 3


async def test_an_old_entry_that_came_late_removes_no_newer_ones(resources: Resources) -> None:
    await append(resources, told(1), told(2))
    await append(resources, told(3, at=AT - timedelta(days=40)))
    assert await trim(resources, AT) == 0
    assert [entry.place for entry in (await follow(resources)).entries] == [1, 2, 3]


def prefix_of(days: list[int]) -> int:
    """Returns the number of trimmed entries: up to the last one of 40 days before the first one of a day."""
    fresh = days.index(1) if 1 in days else len(days)
    return max((place + 1 for place, age in enumerate(days[:fresh]) if age == 40), default=0)


@pytest.mark.parametrize("ages", [[1, 40, 40, 40], [1, 40, 40, 40, -300, -300]], ids=["past", "past and future"])
async def test_random_streams_lose_their_old_prefix_and_nothing_else(resources: Resources, ages: list[int]) -> None:
    drawn = random.Random(12)  # noqa: S311 - a test's own
    streams = {RowKey(7, number): [drawn.choice(ages) for _ in range(30)] for number in range(10)}
    for place in range(30):
        for number, (stream, days) in enumerate(streams.items()):
            entry = told(100 * place + number + 1, stream, at=AT - timedelta(days=days[place]))
            await append(resources, entry)
    prefixes = {stream: prefix_of(days) for stream, days in streams.items()}
    assert min(prefixes.values()) == 0
    assert max(prefixes.values()) > 3
    deleted: list[int] = []
    while not deleted or deleted[-1]:
        deleted.append(await trim(resources, AT - timedelta(days=30), most=3))
    assert sum(deleted) == sum(prefixes.values())
    assert max(deleted) == 3
    for stream, prefix in prefixes.items():
        place = await current_offset(resources.database, stream)
        kept = await read_stream(resources.database, stream, Offset(place.epoch, prefix), 100)
        assert kept is not None
        assert [entry.place for entry in kept.entries] == list(range(prefix + 1, 31))
        if prefix:
            assert await read_stream(resources.database, stream, Offset(place.epoch, prefix - 1), 100) is None


async def test_a_stream_of_which_nothing_is_left_goes_on_where_it_was(resources: Resources) -> None:
    early = await current_offset(resources.database, MINE)
    await append(resources, told(1), told(2))
    before = (await follow(resources)).place
    await trim(resources, AT + timedelta(seconds=1))
    assert await current_offset(resources.database, MINE) == before
    assert await read_stream(resources.database, MINE, early, 10) is None
    await append(resources, told(3))
    assert await read_stream(resources.database, MINE, early, 10) is None
    assert [entry.place for entry in (await follow(resources, before)).entries] == [3]
