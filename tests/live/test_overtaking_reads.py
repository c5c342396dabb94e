"""A read that returns after a later one must not move a follower back, nor past entries that it has not received."""

import asyncio

import pytest

from services.live import hub, missed, popular_stream
from services.resources import Resources
from tests.live.support.collected import POPULAR_STREAM, Streams
from tests.live.support.held import held_read
from tests.support.client import Client


@pytest.fixture
async def streams(resources: Resources, client: Client) -> Streams:
    """The streams of ana, who follows ben. Nothing was ever appended to the popular stream."""
    await resources.database.fetch("DELETE FROM streams WHERE owner_id = 0")
    return Streams(resources, await client.user_id("ana"), await client.user_id("ben"))


async def test_a_follower_that_joins_during_a_read_is_not_reset_by_it(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = held_read(monkeypatch, hub, "read_streams")
    async with streams.following() as first:
        read.hold = True
        await streams.append_and_mark(streams.own, 1)
        await read.held()
        await streams.append(streams.own, 2)
        async with streams.following() as second:
            read.release()
            await streams.append_and_mark(streams.own, 3)
            await first.receives(1, 2, 3)
            await second.receives(3)


async def test_a_follower_that_joins_during_a_read_of_popular_posts_receives_none_twice(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = held_read(monkeypatch, popular_stream, "read_popular_stream")
    async with streams.following() as first:
        read.hold = True
        await streams.append_and_mark(POPULAR_STREAM, 1)
        await read.held()
        await streams.append(POPULAR_STREAM, 2)
        async with streams.following() as second:
            read.release()
            await first.receives(1)
            await streams.append_and_mark(POPULAR_STREAM, 3)
            await first.receives(1, 2, 3)
            await second.receives(3)


async def test_popular_posts_between_opening_and_attaching_a_follower_arrive(streams: Streams) -> None:
    async with streams.following() as first:
        second = await streams.follow()
        await streams.append_and_mark(POPULAR_STREAM, 1)
        await first.receives(1)
        async with second.attached():
            await second.receives(1)


async def test_the_first_popular_post_of_all_arrives_at_a_follower_that_joined_before_it(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = held_read(monkeypatch, missed, "read_user_streams")
    async with streams.following() as first:
        read.hold = True
        opening = asyncio.create_task(streams.follow())
        await read.held()
        await streams.append_and_mark(POPULAR_STREAM, 1)
        await first.receives(1)
        read.release()
        async with (await opening).attached() as second:
            await second.receives(1)


async def test_a_follower_that_closes_during_its_read_does_not_affect_the_next_one(
    streams: Streams, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process forgets how far it has read when no user is followed, because it does not read on then."""
    read = held_read(monkeypatch, missed, "read_user_streams")
    async with streams.following() as first:
        await streams.append_and_mark(POPULAR_STREAM, 1)
        await first.receives(1)
        leaving = await streams.follow()
        await streams.append_and_mark(POPULAR_STREAM, 2)
        await first.receives(1, 2)
        read.hold = True
        async with leaving.attached():
            await read.held()
    read.release()
    await asyncio.sleep(0)
    await streams.append(POPULAR_STREAM, 3)
    await resources.database.fetch("DELETE FROM stream_entries WHERE owner_id = 0")
    await resources.database.fetch("UPDATE streams SET first_place = 4 WHERE owner_id = 0")
    async with streams.following() as next_one:
        await streams.append_and_mark(POPULAR_STREAM, 4)
        await next_one.receives(4)
