"""`bff doctor` prints its checks, and advice for those that failed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.worker import LOOPS, run_all
from events import PostPublished
from services.jobs.schedules import SCHEDULES
from services.maintenance import heartbeats
from services.maintenance.heartbeats import keep_heartbeats, silent_tasks
from services.resources import Resources, open_resources
from tests.cli.test_commands import bff
from tests.conftest import REDIS
from tests.house.test_tables import NAMES
from tests.support.commands import call_bff
from tests.support.engines import REDIS_URL, Engine
from tests.support.jobs import rows
from tests.support.ledger import drop_rules
from tests.support.programs import free_port
from tests.support.timing import no_hang, settings_for, until

CHECKS = ["settings", "database", "tables", "search", "ledger", "payments", "push", "mail", "relay", "jobs", "workers"]
NOT_RUNNING = "FAIL  workers: not running: {}; start 'bff worker', or read its log"


@asynccontextmanager
async def attended(url: str, *names: str) -> AsyncGenerator[Resources]:
    """Runs the loops of a worker in this process, or some of them, and stops them as `bff worker` does."""
    async with open_resources(settings_for(url)) as resources:
        loops = [LOOPS[name] for name in names or LOOPS]
        working = asyncio.create_task(run_all(resources, [keep_heartbeats, *loops]))
        try:
            yield resources
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working


async def until_only(resources: Resources, *silent: str) -> None:
    async with no_hang():
        while await silent_tasks(resources.database) != list(silent):  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.05)


def workers(url: str, **environment: str) -> str:
    """Returns the doctor's line about workers."""
    done = call_bff("doctor", BFF_DATABASE_URL=url, **environment).stdout.splitlines()
    return next(line for line in done if line[6:].startswith("workers"))


async def test_the_doctor_prints_checks_and_advice(engine: Engine, database_url: str) -> None:
    async with attended(database_url) as resources:
        await until_only(resources)
        healthy = call_bff("doctor", BFF_DATABASE_URL=database_url)
    assert (healthy.returncode, healthy.stderr) == (0, "")
    lines = healthy.stdout.splitlines()
    assert [line[:4] for line in lines] == ["ok  "] * 11
    assert [line.split()[1] for line in lines] == CHECKS
    async with open_resources(settings_for(database_url)) as resources:
        await drop_rules(resources)
        await resources.database.fetch("UPDATE wallets SET available = available + 1 WHERE available > 0")
        async with resources.database.transaction() as transaction:
            await resources.log.append(transaction, [PostPublished(actor_id=1, post_id=1)] * 2)
        await resources.database.fetch("UPDATE event_log SET occurred_at = $1", datetime(2026, 3, 1, tzinfo=UTC))
    failed = call_bff("doctor", BFF_DATABASE_URL=database_url)
    assert failed.returncode == 1
    assert "wallets whose balances do not add up" in failed.stdout
    assert "2 events wait, the oldest for " in failed.stdout
    assert failed.stderr == "bff: 3 of 11 checks failed\n"
    async with engine.empty() as url:
        empty = call_bff("doctor", BFF_DATABASE_URL=url)
        assert (empty.returncode, empty.stdout.splitlines()[-1]) == (
            1,
            f"FAIL  tables: run 'bff migrate': {', '.join(NAMES)} pending",
        )


async def test_a_check_that_the_database_does_not_answer_has_failed_and_the_others_follow(
    engine: Engine, database_url: str
) -> None:
    if engine.name == "sqlite":
        pytest.skip("SQLite has no locks of tables")
    async with open_resources(settings_for(database_url)) as resources, resources.database.transaction() as locking:
        await locking.fetch("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE")
        done = call_bff("doctor", BFF_DATABASE_URL=database_url, BFF_DATABASE_DEADLINE="2")
    lines = done.stdout.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == CHECKS
    assert lines[CHECKS.index("search")] == (
        "FAIL  search: the database did not answer in time: a table is locked, or it has too much work; "
        "docs/isolation.md shows how to find it"
    )
    assert done.stderr == "bff: 2 of 11 checks failed\n"


async def test_the_doctor_lists_loops_that_do_not_run(database_url: str) -> None:
    everything = NOT_RUNNING.format("relay, relay of slow events, dispatcher, jobs")
    assert workers(database_url) == everything
    async with attended(database_url, "relay") as resources:
        await until_only(resources, "dispatcher", "jobs", *SCHEDULES)
        assert workers(database_url) == NOT_RUNNING.format("dispatcher, jobs")
    assert workers(database_url) == everything
    async with attended(database_url) as resources:
        await until_only(resources)
        assert workers(database_url) == "ok    workers"
    assert workers(database_url) == everything
    async with open_resources(settings_for(database_url)) as resources:
        assert await beating(resources) == set(SCHEDULES)


async def test_the_doctor_lists_loops_without_heartbeats(database_url: str) -> None:
    async with attended(database_url) as resources:
        await until_only(resources)
    async with open_resources(settings_for(database_url)) as resources:
        for task in heartbeats.LOOPS:
            await resources.database.fetch(
                "INSERT INTO heartbeats SELECT CAST($1 AS TEXT), 1, MAX(seen_at) FROM heartbeats", task
            )
        assert workers(database_url) == "ok    workers"
        await aged(resources, "forget_old", 30)
        late = "FAIL  workers: not done in time: forget_old; read the log of 'bff worker', and run 'bff events dead'"
        assert workers(database_url) == late
        await aged(resources, "relay", 2)
        assert workers(database_url) == NOT_RUNNING.format("relay")


async def beating(resources: Resources) -> set[str]:
    return {row["task"] for row in await rows(resources, "heartbeats")}


async def aged(resources: Resources, task: str, minutes: int) -> None:
    sqlite = f"datetime(seen_at, '-{minutes} minutes') || '+00:00'"
    earlier = sqlite if is_sqlite(resources) else f"seen_at - INTERVAL '{minutes} minutes'"
    await resources.database.fetch(f"UPDATE heartbeats SET seen_at = {earlier} WHERE task = $1", task)


def is_sqlite(resources: Resources) -> bool:
    return resources.settings.database_url.startswith("sqlite")


async def test_a_loop_whose_rounds_fail_has_no_heartbeats(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MAX_PAUSE", 0.05)
    monkeypatch.setattr(heartbeats, "FIRST_PAUSE", 0.05)
    async with attended(database_url) as resources:
        await until_only(resources)
        await resources.database.fetch("ALTER TABLE relay_positions RENAME TO elsewhere")
        await until(lambda: resources.background.failures["relay"] >= 2)
        resources.background.take_heartbeats()
        await resources.database.fetch("DELETE FROM heartbeats")
        async with no_hang():
            while "dispatcher" not in await beating(resources):  # noqa: ASYNC110 - a database is watched
                await asyncio.sleep(0.05)
        done = await beating(resources)
        await resources.database.fetch("ALTER TABLE elsewhere RENAME TO relay_positions")
    assert "relay" not in done


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
def test_the_doctor_checks_every_redis(database_url: str, tmp_path: Path) -> None:
    gone = f"redis://user:secret@127.0.0.1:{free_port()}/0"
    done = bff(
        "doctor",
        folder=tmp_path,
        BFF_DATABASE_URL=database_url,
        BFF_BUS_URL=REDIS_URL,
        BFF_QUEUE_URL=REDIS_URL,
        BFF_LIMITS_URL=gone,
        BFF_APQ_URL=urlsplit(REDIS_URL)._replace(path="/999999").geturl(),
    )
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if "Redis" in line] == [
        "ok    Redis (BFF_BUS_URL)",
        "ok    Redis (BFF_QUEUE_URL)",
        "FAIL  Redis (BFF_LIMITS_URL): it cannot be used (ConnectionError): start it, or correct BFF_LIMITS_URL",
        "FAIL  Redis (BFF_APQ_URL): it cannot be used (DB index is out of range): start it, or correct BFF_APQ_URL",
    ]
    assert "secret" not in done.stdout + done.stderr
