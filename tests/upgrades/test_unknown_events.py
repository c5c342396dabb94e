"""Tests that a relay leaves events of a newer release to its relays, and that an operator can give them up."""

import asyncio
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

import events.log_format
from events import Event, PostPublished
from services.event_log.log import partition_of
from services.relay import PartitionFilter, Progress, Relay, unknown_next_events
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.commands import call_bff
from tests.support.jobs import rows
from tests.support.redis_servers import redis_server
from tests.support.relay import drained, step_of, until_readable
from tests.support.timing import no_hang
from tests.upgrades.support.releases import Deployment, environment_of, present_release
from workers import run_relay

AUTHOR = 1
OTHER = next(author for author in range(2, 100) if partition_of(author) != partition_of(AUTHOR))
BECOMES_UNKNOWN = "UPDATE event_log SET type = $2, version = $3, data = $4 WHERE data = $1"
LEFT = r'bff_relay_batches_total\{outcome="left"\} [1-9]'
UNKNOWN_SECONDS = r'bff_worker_unknown_seconds\{kind="event"\} (\S+)'
UNKNOWN = [
    ("PostTeleported", 1, '{"post_id":2}'),
    ("PostPublished", 2, '{"post_id":2,"place_id":3}'),
    ("PostPublished", 1, '{"post_id":2,"weight_of_a_newer_release":3}'),
]


async def publish(resources: Resources, *post_ids: int, author: int = AUTHOR) -> None:
    for post_id in post_ids:
        async with unit_of_work(resources) as work:
            work.emit(PostPublished(actor_id=author, post_id=post_id))


async def published(resources: Resources, kind: str = "PostTeleported", version: int = 1, data: str = "{}") -> None:
    """Appends three events of an author, the second one of a newer release, and one of another partition."""
    await publish(resources, 1, 2, 3)
    await publish(resources, 4, author=OTHER)
    await resources.database.fetch(BECOMES_UNKNOWN, '{"post_id":2}', kind, version, data)
    await until_readable(resources.database)


async def projected(resources: Resources) -> list[int]:
    """Returns the posts that the author's own stream has, in its order."""
    entries = await rows(resources, "stream_entries")
    return [entry["subject_id"] for entry in sorted(entries, key=lambda entry: (entry["owner_id"], entry["place"]))]


async def unknown_id(resources: Resources) -> int:
    (unknown,) = await unknown_next_events(resources.database)
    return unknown.id


class PostTeleported(Event, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The event of the newer release."""

    post_id: int = 2


@pytest.mark.parametrize(("kind", "version", "data"), UNKNOWN)
async def test_events_before_an_unknown_one_are_projected_and_later_ones_wait(
    resources: Resources, caplog: pytest.LogCaptureFixture, kind: str, version: int, data: str
) -> None:
    await published(resources, kind, version, data)
    relay = Relay(resources)
    with caplog.at_level(logging.WARNING):
        assert sorted(progress.name for progress in await drained(resources, relay)) == ["MOVED", "MOVED"]
        assert await drained(resources, relay) == []
    assert await projected(resources) == [1, 4]
    assert (await rows(resources, "dead_events"), resources.work.batches.outcomes["failed"]) == ([], 0)
    assert resources.work.batches.outcomes["left"] == 1
    (record,) = caplog.records
    assert record.getMessage() == "an event of a newer release is left to its workers"


async def test_a_relay_of_the_newer_release_projects_the_partition_in_its_order(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(resources)
    older = Relay(resources)
    await drained(resources, older)
    with monkeypatch.context() as newer:
        newer.setitem(events.log_format.EVENTS, "PostTeleported", PostTeleported)
        await drained(resources, Relay(resources))
    assert await projected(resources) == [1, 3, 4]
    assert resources.work.unknown_events.keys() == {partition_of(AUTHOR)}
    await publish(resources, 5)
    await drained(resources, older)
    assert await projected(resources) == [1, 3, 5, 4]
    assert resources.work.unknown_events == {}
    assert await rows(resources, "dead_events") == []


async def test_a_partition_with_an_unknown_event_keeps_its_position_and_attempts(resources: Resources) -> None:
    await published(resources)
    relay = Relay(resources)
    await drained(resources, relay)
    before = await rows(resources, "relay_positions")
    for each in (relay, Relay(resources), Relay(resources, partition_filter=PartitionFilter.PROMPT)):
        while await each.step() is not Progress.DONE:
            pass
    assert await rows(resources, "relay_positions") == before


async def test_a_relay_of_slow_events_leaves_them_too(resources: Resources) -> None:
    await published(resources)
    await drained(resources)
    sql = "UPDATE relay_positions SET stalled_at = $1, retry_at = $1, attempts = 2 WHERE partition = $2"
    await resources.database.fetch(sql, resources.clock() - timedelta(minutes=1), partition_of(AUTHOR))
    slow = Relay(resources, partition_filter=PartitionFilter.SLOW)
    assert [await step_of(slow), await slow.step()] == [Progress.LEFT, Progress.DONE]


async def test_the_loop_projects_other_partitions_meanwhile(resources: Resources) -> None:
    await published(resources)
    task = asyncio.create_task(run_relay(resources))
    async with no_hang():
        await publish(resources, 6, author=OTHER)
        while await projected(resources) != [1, 4, 6]:  # noqa: ASYNC110 - a table is watched
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert await rows(resources, "dead_events") == []


async def test_a_worker_process_leaves_the_event_and_projects_what_is_before_it_and_other_partitions(
    resources: Resources, tmp_path: Path
) -> None:
    await published(resources)
    async with redis_server(tmp_path) as redis:
        environment = environment_of(resources.settings.database_url, redis.url)
        del environment["BFF_SECRET_KEYS"]  # the fixture has sealed data with the default key
        async with Deployment(environment, tmp_path, {}).worker(present_release()) as worker, no_hang():
            while not re.search(LEFT, (await worker.get("/metrics")).text):  # noqa: ASYNC110 - a process is watched
                await asyncio.sleep(0.05)
            await publish(resources, 6, author=OTHER)
            while await projected(resources) != [1, 4, 6]:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
            unknown = re.search(UNKNOWN_SECONDS, (await worker.get("/metrics")).text)
    assert unknown is not None
    assert float(unknown[1]) > 0
    assert [event.type for event in await unknown_next_events(resources.database)] == ["PostTeleported"]
    assert await rows(resources, "dead_events") == []
    assert "an event of a newer release is left to its workers" in (tmp_path / "worker-present.log").read_text()


async def test_an_operator_lists_and_gives_up_an_unknown_event_and_the_partition_goes_on(resources: Resources) -> None:
    url = resources.settings.database_url

    def run(*arguments: str) -> tuple[int, str, str]:
        done = call_bff("events", *arguments, BFF_DATABASE_URL=url)
        return done.returncode, done.stdout, done.stderr

    assert run("unknown") == (0, "this release knows all events and jobs that wait\n", "")
    await published(resources)
    await drained(resources)
    event_id = await unknown_id(resources)
    status, output, _ = run("unknown")
    assert (status, output.startswith(f"event  {event_id}  PostTeleported version 1  waits since ")) == (0, True)
    nothing = "nothing was given up; 'bff events unknown' lists what can be"
    assert run("give-up", "99") == (1, "", f"bff: 99: {nothing}\n")
    assert run("give-up") == (1, "", "bff: give the ids of the events to give up, or --all\n")
    assert run("give-up", str(event_id)) == (0, f"{event_id}  PostTeleported is a dead letter\n", "")
    assert run("give-up", str(event_id)) == (1, "", f"bff: {event_id}: {nothing}\n")
    (dead,) = await rows(resources, "dead_events")
    assert (dead["id"], dead["type"]) == (event_id, "PostTeleported")
    await drained(resources)
    assert await projected(resources) == [1, 3, 4]


async def test_everything_unknown_is_given_up_at_once(resources: Resources) -> None:
    await publish(resources, 1, 2, 3)
    await resources.database.fetch("UPDATE event_log SET type = 'PostTeleported'")
    await until_readable(resources.database)
    done = call_bff("events", "give-up", "--all", BFF_DATABASE_URL=resources.settings.database_url)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert len(await rows(resources, "dead_events")) == 3
    assert await drained(resources) == []
