"""What is kept long enough is forgotten, and nothing else."""

from datetime import timedelta

import pytest

from events import PostPublished
from services.jobs import Outcome, retention
from services.jobs.handlers import HANDLERS
from services.jobs.retention import forget_old
from services.log import partition_of
from services.relay import Relay, replay_event
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.jobs import enqueued, rows, run_all
from tests.support.relay import drained


async def aged(resources: Resources, table: str, column: str, *, days: int) -> None:
    at = resources.clock() - timedelta(days=days)
    await resources.database.fetch(f"UPDATE {table} SET {column} = $1", at)


async def publish(resources: Resources, *post_ids: int, author: int = 1) -> None:
    async with unit_of_work(resources) as work:
        for post_id in post_ids:
            work.emit(PostPublished(actor_id=author, post_id=post_id))


async def forget(resources: Resources) -> int:
    """Runs the job until it is done; returns how many runs that took."""
    await enqueued(resources, 1, handler="forget_old")
    return await run_all(resources, HANDLERS)


async def test_events_that_are_old_and_projected_are_forgotten_and_the_log_goes_on(resources: Resources) -> None:
    other = next(author for author in range(2, 100) if partition_of(author) != partition_of(1))
    await publish(resources, 1, 2)
    await publish(resources, 3, author=other)
    await drained(resources)
    await publish(resources, 4)
    await aged(resources, "event_log", "occurred_at", days=31)
    assert await forget(resources) == 1
    (left,) = await rows(resources, "event_log")
    assert left["data"] == '{"post_id":4}'
    await drained(resources, Relay(resources))
    await publish(resources, 5)
    await aged(resources, "event_log", "occurred_at", days=29)
    await forget(resources)
    assert len(await rows(resources, "event_log")) == 2
    await drained(resources)
    assert not await drained(resources)


async def test_streams_dead_letters_and_keys_go_when_they_are_old(resources: Resources) -> None:
    await publish(resources, 1)
    await drained(resources)
    now = resources.clock()
    for days in (89, 91):
        at, number = now - timedelta(days=days), 1000 + days
        await resources.database.fetch(
            "INSERT INTO dead_events VALUES ($1, $1, $1, 'X', 1, 1, '{}', 'why', $2, $2)", number, at
        )
        await resources.database.fetch(
            "INSERT INTO dead_jobs VALUES ($1, $1, 'do', $1, '{}', 'why', $2, $2)", number, at
        )
        await resources.database.fetch(
            "INSERT INTO idempotency_keys VALUES ($1, 'key', 'publishPost', $2, 1, 1, $3)", number, b"hash", at
        )
    (entry,) = await rows(resources, "stream_entries")
    await forget(resources)
    assert await rows(resources, "stream_entries") == [entry]
    assert [row["id"] for row in await rows(resources, "dead_events")] == [1089]
    assert [row["event_id"] for row in await rows(resources, "dead_jobs")] == [1089]
    assert await rows(resources, "idempotency_keys") == []
    await aged(resources, "stream_entries", "occurred_at", days=31)
    await forget(resources)
    assert await rows(resources, "stream_entries") == []


async def test_an_event_that_is_replayed_late_removes_no_newer_entries(resources: Resources) -> None:
    await publish(resources, 1)
    await resources.database.fetch("UPDATE event_log SET type = 'PostTeleported'")
    await drained(resources)
    await publish(resources, 2, 3)
    await drained(resources)
    await aged(resources, "dead_events", "occurred_at", days=80)
    await resources.database.fetch("UPDATE dead_events SET type = 'PostPublished'")
    (dead,) = await rows(resources, "dead_events")
    assert await replay_event(resources, dead["id"])
    await forget(resources)
    entries = await rows(resources, "stream_entries")
    assert sorted((entry["place"], entry["subject_id"]) for entry in entries) == [(1, 2), (2, 3), (3, 1)]
    (stream,) = await rows(resources, "streams")
    assert (stream["first_place"], stream["last_place"]) == (1, 3)


async def test_what_is_much_is_forgotten_a_part_at_a_time(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    await publish(resources, *range(25))
    await drained(resources)
    await aged(resources, "event_log", "occurred_at", days=100)
    assert await forget(resources) >= 3
    assert await rows(resources, "event_log") == []


async def test_with_nothing_to_forget_it_is_done_at_once(resources: Resources) -> None:
    async with unit_of_work(resources) as work:
        assert await forget_old(work, resources, None) is Outcome.DONE  # pyright: ignore[reportArgumentType] - it looks at no job
