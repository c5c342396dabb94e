"""Tests that the relay projects each event once and in order, and skips dead letters."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from adapters.database import Queries
from core.errors import Unavailable
from events import Event, PostPublished
from services.event_log.log import PARTITIONS, partition_of
from services.relay import Lag, Progress, Relay, measure_lag
from services.relay.projections import Projected, RecordedEvent
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.app import App
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.relay import drained, step_of, until_readable
from tests.support.timing import MOMENT, no_hang

SAW = "CREATE TABLE saw (number BIGINT NOT NULL, place BIGINT NOT NULL)"


async def publish(resources: Resources, *post_ids: int, author: int = 1) -> None:
    """Appends events, and waits until a relay can read them."""
    await append(resources, *post_ids, author=author)
    await until_readable(resources.database)


async def append(resources: Resources, *post_ids: int, author: int = 1) -> None:
    async with unit_of_work(resources) as work:
        for post_id in post_ids:
            work.emit(PostPublished(actor_id=author, post_id=post_id))


class Recorder:
    """Projects events by writing down the numbers of their posts; fails at those it is told to."""

    def __init__(self, *poisoned: int, failures: int = 10**6) -> None:
        self.poisoned = set(poisoned)
        self.failures = failures
        self.batches: list[list[int]] = []

    async def __call__(
        self, transaction: Queries, happened: Sequence[RecordedEvent[Event]], _resources: Resources
    ) -> Projected:
        numbers = [each.event.post_id for each in happened if isinstance(each.event, PostPublished)]
        self.batches.append(numbers)
        for number in numbers:
            await transaction.fetch("INSERT INTO saw VALUES ($1, (SELECT COUNT(*) FROM saw))", number)
        if self.poisoned & set(numbers) and self.failures:
            self.failures -= 1
            raise ValueError("poisoned")
        return Projected(len(happened), 0, [], ())


async def seen(resources: Resources) -> list[int]:
    return [row["number"] for row in await resources.database.fetch("SELECT number FROM saw ORDER BY place")]


@pytest.fixture
async def writes(resources: Resources) -> Resources:
    await resources.database.fetch(SAW)
    return resources


async def test_events_are_projected_once_in_order_batch_by_batch(writes: Resources) -> None:
    await publish(writes, 1, 2, 3)
    await publish(writes, 4, 5)
    recorder = Recorder()
    assert await drained(writes, Relay(writes, project=recorder, batch=2)) == [Progress.MOVED] * 3
    assert recorder.batches == [[1, 2], [3, 4], [5]]
    assert await drained(writes, Relay(writes, project=recorder)) == []
    await publish(writes, 6)
    await drained(writes, Relay(writes, project=recorder))
    assert await seen(writes) == [1, 2, 3, 4, 5, 6]


async def test_an_event_that_fails_for_ever_is_set_aside_and_the_others_are_not(
    writes: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(writes, 1, 2, 3, 4)
    recorder = Recorder(3)
    with caplog.at_level(logging.WARNING):
        steps = await drained(writes, Relay(writes, project=recorder, batch=10))
    assert recorder.batches == [[1, 2, 3, 4], [1], [2], [3], [3], [3], [4]]
    assert steps.count(Progress.FAILED) == 4
    assert await seen(writes) == [1, 2, 4]
    (dead,) = await writes.database.fetch("SELECT * FROM dead_events")
    assert (dead["partition"], dead["type"], dead["data"]) == (partition_of(1), "PostPublished", '{"post_id":3}')
    assert dead["error"].endswith("ValueError: poisoned")
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert (await measure_lag(writes.database, writes.clock())).dead == 1


async def test_an_event_that_fails_sometimes_is_projected(writes: Resources) -> None:
    await publish(writes, 1, 2, 3)
    recorder = Recorder(2, failures=3)
    await drained(writes, Relay(writes, project=recorder, batch=10))
    assert recorder.batches == [[1, 2, 3], [1], [2], [2], [2], [3]]
    assert await seen(writes) == [1, 2, 3]
    assert await writes.database.fetch("SELECT * FROM dead_events") == []


@pytest.mark.parametrize(
    ("kind", "version", "data", "error"),
    [
        ("PostPublished", 0, '{"post_id":1}', "of version 0"),
        ("PostPublished", 1, '{"post_id":"x"}', "of version 1"),
        ("PostPublished", 1, "not JSON", "of version 1"),
    ],
)
async def test_an_event_that_cannot_be_read_is_set_aside(
    resources: Resources, kind: str, version: int, data: str, error: str
) -> None:
    await publish(resources, 1)
    await resources.database.fetch("UPDATE event_log SET type = $1, version = $2, data = $3", kind, version, data)
    await drained(resources)
    (dead,) = await resources.database.fetch("SELECT * FROM dead_events")
    assert error in dead["error"]
    assert (dead["type"], dead["version"], dead["data"]) == (kind, version, data)


async def test_a_database_that_does_not_answer_is_no_events_fault(
    writes: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(writes, 1)

    async def unanswered(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(writes.database, "fetch", unanswered)
    relay = Relay(writes)
    for _ in range(5):
        with pytest.raises(Unavailable):
            await relay.step()


async def test_a_projection_that_has_done_a_part_is_given_the_rest(writes: Resources) -> None:
    await publish(writes, 1, 2, 3, 4, 5)
    recorder = Recorder()

    async def two(transaction: Queries, happened: Sequence[RecordedEvent[Event]], resources: Resources) -> Projected:
        return await recorder(transaction, happened[:2], resources)

    assert await drained(writes, Relay(writes, project=two)) == [Progress.MOVED] * 3
    assert recorder.batches == [[1, 2], [3, 4], [5]]


async def test_while_one_relay_is_at_it_another_is_not(writes: Resources, engine: Engine) -> None:
    await publish(writes, 1)
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slowly(*_: object) -> Projected:
        begun.set()
        await finish.wait()
        return Projected(1, 0, [], ())

    first = asyncio.create_task(drained(writes, Relay(writes, project=slowly)))
    await begun.wait()
    second = asyncio.create_task(Relay(writes, project=Recorder()).step())
    if engine.name == "postgres":
        async with no_hang():
            await asyncio.wait({second})
    else:
        assert not (await asyncio.wait({second}, timeout=MOMENT))[0], "SQLite's transactions take turns"
    finish.set()
    await first
    assert await second is (Progress.WAITING if engine.name == "postgres" else Progress.DONE)
    assert await Relay(writes, project=Recorder()).step() is Progress.DONE
    assert await seen(writes) == []


async def test_relays_share_the_partitions_of_the_log(writes: Resources, engine: Engine) -> None:
    other = next(author for author in range(2, 100) if partition_of(author) != partition_of(1))
    await publish(writes, 1)
    await publish(writes, 2, author=other)
    begun, finish = asyncio.Event(), asyncio.Event()

    async def slowly(transaction: Queries, happened: Sequence[RecordedEvent[Event]], resources: Resources) -> Projected:
        projected = await Recorder()(transaction, happened, resources)
        begun.set()
        await finish.wait()
        return projected

    slow = asyncio.create_task(drained(writes, Relay(writes, project=slowly)))
    await begun.wait()
    if engine.name == "postgres":
        relay = Relay(writes, project=Recorder())
        assert [await step_of(relay), await relay.step()] == [Progress.MOVED, Progress.WAITING]
        assert await seen(writes) == [2]
    finish.set()
    await slow
    assert sorted(await seen(writes)) == [1, 2]


async def test_a_relay_that_has_lost_its_lease_stops_before_its_next_write(writes: Resources, engine: Engine) -> None:
    if engine.name != "postgres":
        pytest.skip("on SQLite a lease ends with its process alone")
    await publish(writes, 1)
    reached: list[str] = []

    async def losing(transaction: Queries, happened: Sequence[RecordedEvent[Event]], resources: Resources) -> Projected:
        projected = await Recorder()(transaction, happened, resources)
        (row,) = await transaction.fetch("SELECT pg_backend_pid() AS pid")
        await resources.database.fetch("SELECT pg_terminate_backend($1) AS gone", row["pid"])
        reached.append("lost")
        await transaction.fetch("INSERT INTO saw VALUES (2, 2)")
        reached.append("written")
        return projected

    assert await drained(writes, Relay(writes, project=Recorder())) == [Progress.MOVED]
    await publish(writes, 3)
    assert await step_of(Relay(writes, project=losing)) is Progress.FAILED
    assert reached == ["lost"]
    assert await seen(writes) == [1]
    await drained(writes, Relay(writes, project=Recorder()))
    assert sorted(await seen(writes)) == [1, 3]


async def test_every_partition_has_its_position(resources: Resources) -> None:
    rows = await resources.database.fetch("SELECT partition FROM relay_positions ORDER BY partition")
    assert [row["partition"] for row in rows] == list(range(PARTITIONS))
    assert {partition_of(resources.ids.next()) for _ in range(500)} == set(range(PARTITIONS))


async def test_a_relay_waits_for_what_may_come_before(resources: Resources, engine: Engine) -> None:
    async with resources.database.transaction() as transaction:
        await resources.log.append(transaction, [PostPublished(actor_id=1, post_id=1)])
        late = asyncio.create_task(append(resources, 2))
        if engine.name == "postgres":  # SQLite lets one transaction alone have the database
            await late
            assert await Relay(resources).step() is Progress.WAITING
    await late
    assert await drained(resources) == [Progress.MOVED]


async def test_a_relay_that_is_cancelled_in_the_middle_has_done_nothing(writes: Resources) -> None:
    await publish(writes, 1)
    begun = asyncio.Event()

    async def begin(transaction: Queries, happened: Sequence[RecordedEvent[Event]], writes: Resources) -> Projected:
        projected = await Recorder()(transaction, happened, writes)
        begun.set()
        await asyncio.Event().wait()
        return projected

    async def until_cancelled() -> None:
        relay = Relay(writes, project=begin)
        while True:
            await relay.step()

    task = asyncio.create_task(until_cancelled())
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await seen(writes) == []
    await drained(writes, Relay(writes, project=Recorder()))
    assert await seen(writes) == [1]


async def test_lag_is_the_age_of_the_oldest_event_that_waits(resources: Resources) -> None:
    assert await measure_lag(resources.database, resources.clock()) == Lag(0.0, 0, 0)
    await publish(resources, 1, 2)
    await resources.database.fetch("UPDATE event_log SET occurred_at = $1", datetime(2026, 3, 1, tzinfo=UTC))
    assert await measure_lag(resources.database, datetime(2026, 3, 1, 0, 1, tzinfo=UTC)) == Lag(60.0, 2, 0)
    await drained(resources)
    assert await measure_lag(resources.database, datetime(2026, 3, 1, 0, 1, tzinfo=UTC)) == Lag(0.0, 0, 0)


async def test_the_relay_folds_what_changed_and_the_counts_stay(client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    await ben.does("LikePost", postId=post)
    await ben.comments(post)
    query = "query ($id: ID!) { node(id: $id) { ... on Post { likeCount commentCount author { postCount } } } }"
    before = await client.data(query, {"id": post})
    fetch = client.resources.database.fetch
    assert len(await fetch("SELECT 1 AS one FROM count_deltas")) == 3
    await drained(client.resources)
    assert await fetch("SELECT 1 AS one FROM count_deltas") == []
    assert await client.data(query, {"id": post}) == before
    assert before["node"]["likeCount"] == before["node"]["commentCount"] == 1
