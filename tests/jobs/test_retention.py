"""Tests that retention deletes exactly the expired rows."""

import asyncio
import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events import PostPublished
from services.event_log.log import PARTITIONS, partition_of
from services.jobs import Outcome, run_job
from services.jobs.table import offer_due
from services.maintenance import retention
from services.maintenance.log_retention import delete_old_events
from services.maintenance.partitions import EVENT_LOG, grace
from services.maintenance.retention import RETENTION_KINDS, forget, forget_old
from services.relay import Relay, replay_event
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.jobs import enqueued, rows, run_all
from tests.support.relay import drained
from tests.support.storm import SESSIONS, make_person
from tests.support.timing import DEADLINE, PASSING
from workers.handlers import HANDLERS


async def aged(resources: Resources, table: str, column: str, *, days: int) -> None:
    at = resources.clock() - timedelta(days=days)
    await resources.database.fetch(f"UPDATE {table} SET {column} = $1", at)


async def too_old(resources: Resources) -> int:
    """Returns the age in days from which single events are deleted. In a partitioned log it is larger."""
    return 31 + (await grace(resources, EVENT_LOG)).days


async def publish(resources: Resources, *post_ids: int, author: int = 1) -> None:
    async with unit_of_work(resources) as work:
        for post_id in post_ids:
            work.emit(PostPublished(actor_id=author, post_id=post_id))


async def forget_all(resources: Resources) -> int:
    """Runs the job until it is done; returns how many runs that took."""
    await enqueued(resources, 1, handler="forget_old")
    return await run_all(resources, HANDLERS)


async def test_events_that_are_old_and_projected_are_forgotten_and_the_log_goes_on(resources: Resources) -> None:
    other = next(author for author in range(2, 100) if partition_of(author) != partition_of(1))
    await publish(resources, 1, 2)
    await publish(resources, 3, author=other)
    await drained(resources)
    await publish(resources, 4)
    await aged(resources, "event_log", "occurred_at", days=await too_old(resources))
    assert await forget_all(resources) == 1
    (left,) = await rows(resources, "event_log")
    assert left["data"] == '{"post_id":4}'
    await drained(resources, Relay(resources))
    await publish(resources, 5)
    await aged(resources, "event_log", "occurred_at", days=29)
    await forget_all(resources)
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
    await forget_all(resources)
    assert await rows(resources, "stream_entries") == [entry]
    assert [row["id"] for row in await rows(resources, "dead_events")] == [1089]
    assert [row["event_id"] for row in await rows(resources, "dead_jobs")] == [1089]
    assert await rows(resources, "idempotency_keys") == []
    await aged(resources, "stream_entries", "occurred_at", days=31)
    await forget_all(resources)
    assert await rows(resources, "stream_entries") == []


async def test_an_event_that_is_replayed_late_removes_no_newer_entries(resources: Resources) -> None:
    await publish(resources, 1)
    await resources.database.fetch("UPDATE event_log SET version = 0")
    await drained(resources)
    await publish(resources, 2, 3)
    await drained(resources)
    await aged(resources, "dead_events", "occurred_at", days=80)
    await resources.database.fetch("UPDATE dead_events SET version = 1")
    (dead,) = await rows(resources, "dead_events")
    assert await replay_event(resources, dead["id"])
    await forget_all(resources)
    entries = await rows(resources, "stream_entries")
    assert sorted((entry["place"], entry["subject_id"]) for entry in entries) == [(1, 2), (2, 3), (3, 1)]
    (stream,) = await rows(resources, "streams")
    assert (stream["first_place"], stream["last_place"]) == (1, 3)


async def old_keys(resources: Resources, number: int) -> None:
    sql = "INSERT INTO idempotency_keys VALUES ($1, 'key', 'publishPost', $2, 1, 1, $3)"
    for place in range(number):
        at = resources.clock() - timedelta(days=40) + timedelta(seconds=place)
        await resources.database.fetch(sql, place, b"hash", at)


async def test_what_is_much_is_forgotten_in_batches_from_the_oldest_on(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, statements: list[str]
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    await publish(resources, *range(25))
    await drained(resources)
    await aged(resources, "event_log", "occurred_at", days=100)
    await aged(resources, "stream_entries", "occurred_at", days=100)
    await old_keys(resources, 25)
    assert await RETENTION_KINDS["idempotency keys"](resources, resources.clock())
    assert sorted(row["owner_id"] for row in await rows(resources, "idempotency_keys")) == list(range(10, 25))
    statements.clear()
    assert await forget_all(resources) == 1
    assert [await rows(resources, table) for table in ("idempotency_keys", "event_log", "stream_entries")] == [[]] * 3
    for table, batches in (("idempotency_keys", 2), ("event_log", 3), ("stream_entries", 3)):
        assert sum(f"DELETE FROM {table} " in sql for sql in statements) == batches


async def test_events_dated_by_a_clock_that_was_ahead_do_not_hold_up_those_behind_them(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    await publish(resources, *range(25))
    await aged(resources, "event_log", "occurred_at", days=-300)
    ahead = {row["id"] for row in await rows(resources, "event_log")}
    await publish(resources, *range(25, 50))
    await resources.database.fetch(
        "UPDATE event_log SET occurred_at = $1 WHERE occurred_at <= $2",
        resources.clock() - timedelta(days=await too_old(resources)),
        resources.clock(),
    )
    await publish(resources, 50)
    await drained(resources)
    await forget_all(resources)
    left = await rows(resources, "event_log")
    assert ahead < {row["id"] for row in left}
    assert len(left) == 26


@pytest.mark.parametrize("most", [1, 3, 100])
async def test_of_random_logs_only_what_is_old_and_projected_is_forgotten(resources: Resources, most: int) -> None:
    drawn, now = random.Random(most), resources.clock()  # noqa: S311 - a test's own
    logs = [[drawn.choice([40, 40, 40, 40, 1, -300]) for _ in range(25)] for _ in range(PARTITIONS)]
    projected = [drawn.choice([0, 5, 20, 25]) for _ in logs]
    for partition, ages in enumerate(logs):
        for place, age in enumerate(ages):
            at = now - timedelta(days=age)
            what = (partition, place // 2 + 1, 100 * partition + place + 1, at)
            await resources.database.fetch(
                "INSERT INTO event_log (partition, tx, id, type, version, actor_id, data, occurred_at) "
                "VALUES ($1, $2, $3, 'PostPublished', 1, 1, '{\"post_id\":1}', $4)",
                *what,
            )
        last = projected[partition] - 1
        position = (last // 2 + 1, 100 * partition + last + 1) if last >= 0 else (0, 0)
        await resources.database.fetch(
            "UPDATE relay_positions SET tx = $2, id = $3 WHERE partition = $1", partition, *position
        )
    while await delete_old_events(resources.database, now - timedelta(days=30), now, most):
        pass
    left = {row["id"] for row in await rows(resources, "event_log")}
    for partition, ages in enumerate(logs):
        end = projected[partition]
        old = [place for place, age in enumerate(ages[:end]) if age == 40]
        fresh = ages[:end].index(1) if 1 in ages[:end] else end
        gone = {place for place in range(25) if 100 * partition + place + 1 not in left}
        assert {place for place in old if place < fresh} <= gone <= set(old)


async def test_a_kind_that_fails_is_counted_and_stops_no_other(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    await old_keys(resources, 3)
    await resources.database.fetch("ALTER TABLE dead_jobs RENAME TO elsewhere")
    await enqueued(resources, 1, handler="forget_old")
    with caplog.at_level(logging.ERROR):
        (offer,) = await offer_due(resources, 1, HANDLERS)
        await run_job(resources, HANDLERS, offer)
    await resources.database.fetch("ALTER TABLE elsewhere RENAME TO dead_jobs")
    assert await rows(resources, "idempotency_keys") == []
    assert await rows(resources, "jobs") == []
    assert resources.background.failures == {"forget_old: dead jobs": 1}
    assert [record.getMessage() for record in caplog.records] == ["a background task has failed: forget_old: dead jobs"]


@pytest.mark.parametrize("deadline", [PASSING])
async def test_batches_before_one_that_waits_too_long_stay_done(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    if resources.settings.database_url.startswith("sqlite"):
        pytest.skip("transactions of SQLite take turns")
    monkeypatch.setattr(retention, "AT_ONCE", 10)
    await old_keys(resources, 25)
    async with resources.database.transaction() as other:
        await other.fetch("SELECT key FROM idempotency_keys WHERE owner_id = 15 FOR UPDATE")
        assert await forget(resources, RETENTION_KINDS, DEADLINE) is Outcome.DONE
        left = sorted(row["owner_id"] for row in await rows(resources, "idempotency_keys"))
    assert left == list(range(10, 25))
    assert resources.background.failures == {"forget_old: idempotency keys": 1}


async def test_kinds_take_turns_and_what_is_left_when_time_is_over_is_for_the_next_run(resources: Resources) -> None:
    made: list[str] = []

    async def endless(_resources: Resources, _now: datetime) -> bool:
        made.append("endless")
        await asyncio.sleep(PASSING / 10)
        return True

    async def short(_resources: Resources, _now: datetime) -> bool:
        made.append("short")
        return False

    assert await forget(resources, {"endless": endless, "short": short}, PASSING) is Outcome.MORE
    assert made[:2] in (["endless", "short"], ["short", "endless"])
    assert made.count("short") == 1


async def test_when_every_kind_fails_the_run_fails(resources: Resources) -> None:
    async def failing(_resources: Resources, _now: datetime) -> bool:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        await forget(resources, {"one": failing, "other": failing}, PASSING)
    assert resources.background.failures == {"forget_old: one": 1, "forget_old: other": 1}


async def test_a_session_that_expired_long_ago_takes_its_device_along(resources: Resources) -> None:
    person = await make_person(resources, 1)
    await aged(resources, "refresh_families", "expires_at", days=3)
    of_person = [f"SELECT id FROM {table} WHERE owner_id = $1" for table in ("refresh_families", "devices")]
    assert [len(await resources.database.fetch(sql, person.user_id)) for sql in of_person] == [SESSIONS, SESSIONS]
    assert not await RETENTION_KINDS["sessions"](resources, resources.clock())
    assert [await resources.database.fetch(sql, person.user_id) for sql in of_person] == [[], []]


async def test_with_nothing_to_forget_it_is_done_at_once(resources: Resources) -> None:
    async with unit_of_work(resources) as work:
        assert await forget_old(work, resources, None) is Outcome.DONE  # pyright: ignore[reportArgumentType] - it looks at no job


async def test_a_worker_whose_clock_is_a_year_ahead_deletes_nothing_fresh(
    resources: Resources,
) -> None:
    await make_person(resources, 1)
    await publish(resources, 1)
    await drained(resources)
    await resources.database.fetch(
        "INSERT INTO idempotency_keys VALUES ($1, 'key', 'publishPost', $2, 1, 1, $3)", 1, b"hash", resources.clock()
    )
    tables = ("refresh_families", "devices", "event_log", "stream_entries", "idempotency_keys")
    before = [await rows(resources, table) for table in tables]
    assert all(before)
    now = resources.clock()
    wrong = replace(resources, clock=lambda: now + timedelta(days=365))
    assert await forget(wrong, RETENTION_KINDS, DEADLINE) is Outcome.DONE
    assert [await rows(resources, table) for table in tables] == before


async def test_a_database_whose_clock_is_a_year_ahead_of_the_machines_deletes_nothing_fresh(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = resources.clock()
    await old_keys(resources, 3)
    monkeypatch.setattr(retention, "system_clock", lambda: now - timedelta(days=365))
    assert await forget(resources, RETENTION_KINDS, DEADLINE) is Outcome.DONE
    assert len(await rows(resources, "idempotency_keys")) == 3
    monkeypatch.setattr(retention, "system_clock", resources.clock)
    assert await forget(resources, RETENTION_KINDS, DEADLINE) is Outcome.DONE
    assert await rows(resources, "idempotency_keys") == []
