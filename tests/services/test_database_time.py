"""Processes whose clocks differ have one time, the database's."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from core.clock import CorrectedClock, system_clock
from core.ids import id_at
from services import database_time
from services.database_time import TOLERANCE, correct
from services.jobs import Scheduler
from services.jobs.schedules import slot_of
from services.resources import Resources, open_resources
from services.security.revocations import record_revoked
from tests.support.jobs import rows
from tests.support.timing import DEADLINE, settings_for, until

YEAR = timedelta(days=365)


@asynccontextmanager
async def process(database_url: str, skew: timedelta) -> AsyncGenerator[Resources]:
    """Provides a process of a machine with a wrong clock."""
    async with open_resources(settings_for(database_url), lambda: system_clock() + skew) as resources:
        yield resources


def difference(clock: CorrectedClock) -> float:
    """Returns the seconds between a clock and this machine's, which the databases use here."""
    return abs((clock() - system_clock()).total_seconds())


@pytest.mark.parametrize("skew", [timedelta(seconds=35), timedelta(seconds=-35), YEAR, -YEAR])
async def test_a_process_has_the_databases_time(database_url: str, skew: timedelta) -> None:
    async with process(database_url, skew) as resources:
        assert abs((resources.clock() - system_clock()).total_seconds()) < DEADLINE / 2
        made_at = resources.ids.next()
        assert id_at(system_clock() - timedelta(minutes=1)) < made_at < id_at(system_clock() + timedelta(minutes=1))


async def test_a_device_that_a_process_with_a_slow_clock_signs_out_is_refused_by_the_others(database_url: str) -> None:
    async with process(database_url, timedelta(seconds=-35)) as slow, process(database_url, timedelta()) as other:
        await other.revocations.refresh(other.database, other.clock())
        await record_revoked(slow.database, 7, [8], slow.clock())
        await other.revocations.refresh(other.database, other.clock())
        assert other.revocations.has(8)


async def test_a_process_whose_clock_is_a_year_ahead_keeps_nothing_from_being_done(database_url: str) -> None:
    schedules = {"sweep": timedelta(minutes=10)}
    async with process(database_url, YEAR) as ahead, process(database_url, timedelta()) as other:
        await Scheduler(schedules).make_jobs(ahead)
        (job,) = await rows(other, "jobs")
        assert job["due_at"] < other.clock() + timedelta(minutes=1)
        (schedule,) = await rows(other, "job_schedules")
        assert schedule["slot_at"] <= other.clock()


@pytest.mark.parametrize(("ahead", "jobs"), [(YEAR, 1), (timedelta(minutes=21), 1), (timedelta(minutes=10), 0)])
async def test_a_slot_that_was_begun_in_the_future_is_given_up(
    resources: Resources, ahead: timedelta, jobs: int
) -> None:
    """Unless it is the next one, which a clock that is a little ahead may have begun."""
    every, now = timedelta(minutes=10), resources.clock()
    await resources.database.fetch("INSERT INTO job_schedules VALUES ('sweep', $1)", slot_of(now, every) + ahead)
    await resources.database.fetch("INSERT INTO job_schedules VALUES ('greet', $1)", slot_of(now, every) + YEAR)
    await Scheduler({"sweep": every}).make_jobs(resources)
    assert len(await rows(resources, "jobs")) == jobs
    slots = {row["handler"]: row["slot_at"] for row in await rows(resources, "job_schedules")}
    assert (slots["sweep"] <= resources.clock()) is bool(jobs)
    assert slots["greet"] == slot_of(now, every) + YEAR


async def test_a_clock_that_is_set_while_its_process_runs_is_corrected_again(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = [timedelta()]

    def own() -> datetime:
        return system_clock() + wrong[-1]

    clock = CorrectedClock(own)
    await correct(clock, resources.database)
    assert clock.offset == timedelta()
    for skew in (timedelta(hours=1), timedelta(hours=-2)):
        wrong.append(skew)
        assert difference(clock) > DEADLINE
        await correct(clock, resources.database)
        assert difference(clock) < DEADLINE / 2
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    wrong.append(TOLERANCE / 2)
    await correct(clock, resources.database)
    assert clock.offset == timedelta()


async def test_a_process_measures_again_and_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_time, "_MEASURED_EVERY", 0.01)
    wrong = [timedelta()]
    async with open_resources(settings_for(database_url), lambda: system_clock() + wrong[-1]) as resources:
        wrong.append(YEAR)
        await until(lambda: resources.clock() < system_clock() + timedelta(minutes=1))
        assert resources.background.failures == {}
