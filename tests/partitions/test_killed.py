"""Changes of partitions that are killed at any step."""

import asyncio
import subprocess
import sys
from pathlib import Path

from services.maintenance.partitions import USAGE_COUNTS, examine_partitions
from services.maintenance.partitions.catalog import gaps
from services.resources import Resources
from tests.support.partitions import filled, partitions, publish
from tests.support.relay import drained

TABLES = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'event\\_log%' OR tablename LIKE 'usage\\_counts%'"
CONSTRAINTS = "SELECT conname FROM pg_constraint WHERE conname LIKE '%closing'"


async def killed(url: str, days: int) -> int:
    """Returns the number of kills until the change came through."""
    program = [sys.executable, "-m", "tests.support.killed_partitions", url, str(days)]
    run = await asyncio.to_thread(
        subprocess.run, program, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


async def nothing_is_left_over(resources: Resources) -> None:
    names = {"event_log", "usage_counts"}
    for table in (await partitions(resources), await partitions(resources, USAGE_COUNTS)):
        assert gaps(table) == []
        names |= {partition.name for partition in table}
    assert {row["tablename"] for row in await resources.database.fetch(TABLES)} == names
    assert await resources.database.fetch(CONSTRAINTS) == []
    assert [finding.advice for finding in await examine_partitions(resources) if finding.advice] == []


async def test_apply_continues_after_a_kill_at_any_step(resources: Resources) -> None:
    await publish(resources, 1)
    assert await killed(resources.settings.database_url, 0) > 20
    assert len(await partitions(resources)) == len(await partitions(resources, USAGE_COUNTS)) == 3
    await nothing_is_left_over(resources)
    await drained(resources)
    assert not await drained(resources)


async def test_maintenance_continues_after_a_kill_at_any_step(resources: Resources) -> None:
    names = await filled(resources)
    await drained(resources)
    assert await killed(resources.settings.database_url, 31) > 10
    left = [partition.name for partition in await partitions(resources)]
    assert left[0] == "event_log_past"
    assert not {*names[1:2]} & {*left}
    await drained(resources)
    assert not await drained(resources)
    assert {row["tablename"] for row in await resources.database.fetch(TABLES)} == {
        "event_log",
        "usage_counts",
        *left,
    }
