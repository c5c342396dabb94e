"""Runs drills one after the other, each in a steady load, and verifies after each what clients were told."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from tests.drills.support import database_drills as database
from tests.drills.support import redis_drills as redis
from tests.drills.support.failure import Drill, Failure
from tests.drills.support.losses import faults
from tests.drills.support.record import Seen, seen
from tests.drills.support.stage import Stage

_MEMORY = Path("/dev/shm")  # noqa: S108 - its files get a folder with a random name
_ENOUGH_BYTES = 4 * 1024**3

DRILLS = (
    Drill("server", "a server killed (-9), and started again", database.server_killed),
    Drill("worker", "a worker killed (-9), and started again", database.worker_killed),
    Drill(
        "asynchronous", "the asynchronous standby killed (-9), and started again", database.asynchronous_standby_killed
    ),
    Drill("standby", "the synchronous standby killed (-9), and started again", database.standby_killed),
    Drill("switchover", "`patronictl switchover`", database.switched_over),
    Drill("crash", "PostgreSQL of the primary killed (-9)", database.primary_crashed),
    Drill("primary", "the primary and its Patroni killed (-9), and started again", database.primary_killed),
    Drill("silent", "the primary and its Patroni silent (SIGSTOP), and back later", database.primary_silent),
    Drill("cluster", "a primary of the Redis cluster killed (-9), and started again", redis.cluster_node_killed),
    Drill("empty", "Redis killed (-9), and started again without data", redis.restarted_empty),
    Drill("memory", "the memory of all Redis servers full (`noeviction`)", redis.memory_full),
    Drill("disk", "the disk of Redis full (`appendonly`)", redis.disk_full),
)


class Outcome(NamedTuple):
    """The result of one drill. `after_repair` counts what clients saw when the failure was repaired."""

    drill: Drill
    seen: Seen
    after_repair: Seen
    acknowledged: int
    faults: Sequence[str]

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.seen.final_errors and not self.after_repair.final_errors


async def drilled(stage: Stage, drill: Drill, quiet: float) -> Outcome:
    """Runs one drill. `quiet` is the number of seconds without a disturbed response that count as steady."""
    record, failure = stage.record, Failure()
    async with stage.load.running():
        await record.until_steady(time.time(), quiet)
        async with drill.breaks(stage, failure):
            await record.until_steady(failure.moment, quiet)
            repaired = time.time()
        await stage.database.until_complete()
        await record.until_steady(time.time(), quiet)
    during = [each for each in record.since(failure.moment) if each.ended < repaired]
    return Outcome(
        drill,
        seen(during, failure.moment),
        seen(record.since(repaired), repaired),
        sum(each.is_write and each.code == "ok" for each in record.since(failure.moment)),
        await faults(stage.url, stage.load, stage.sandbox),
    )


@asynccontextmanager
async def folder_of_drill() -> AsyncGenerator[Path]:
    """Yields a folder that an unprivileged user can access, in memory if there is enough."""
    has_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES  # noqa: ASYNC240
    folder = Path(tempfile.mkdtemp(prefix=f"drill-{os.getpid()}-", dir=_MEMORY if has_memory else None))
    folder.chmod(0o755)  # noqa: ASYNC240 - nothing waits for it
    try:
        yield folder
    finally:
        if "KEEP_DRILL" not in os.environ:
            shutil.rmtree(folder)
        else:
            sys.stderr.write(f"kept {folder}\n")
