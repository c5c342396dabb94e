"""Runs all drills, and writes `bench/results/drill.md`:

python -m tests.drills.support.drill
"""

import argparse
import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from tests.drills.support import backups, patroni
from tests.drills.support.failure import Drill
from tests.drills.support.report import page, row
from tests.drills.support.restore import Restored, restored
from tests.drills.support.run import DRILLS, Outcome, drilled, folder_of_drill
from tests.drills.support.stage import Plan, Stage, staged
from tests.support import proxies, redis_servers

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/drill.md"
RESTORE = "restore"
_NEEDED = {
    "patroni and etcd-server": patroni.INSTALLED,
    "pgbackrest": backups.INSTALLED,
    "haproxy": proxies.INSTALLED["haproxy"],
    "redis-server": redis_servers.INSTALLED,
}


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    names = [*(drill.name for drill in DRILLS), RESTORE]
    arguments.add_argument("--only", choices=names, action="append", help="default: all, which writes the page")
    arguments.add_argument("--quiet", type=float, default=4.0, help="seconds without disturbance that count as steady")
    arguments.add_argument("--seed", type=int, default=1)
    return arguments.parse_args()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _lacks(stage: Stage, drill: Drill) -> bool:
    """Returns whether this machine cannot run a drill: a disk is filled only if it is small and Redis's own."""
    return drill.name == "disk" and not (stage.redis and stage.redis.is_small)


async def run(asked: argparse.Namespace) -> tuple[list[Outcome], Restored | None]:
    """Runs the drills, and then the restore, which ends the comparison of the others."""
    outcomes: list[Outcome] = []
    has_ended = None
    async with folder_of_drill() as folder, staged(folder, Plan(), asked.seed) as stage, AsyncExitStack() as serving:
        await serving.enter_async_context(stage.serving())
        await stage.load.open(stage.environment, stage.sandbox, asked.seed)
        for drill in DRILLS:
            if (not asked.only or drill.name in asked.only) and not _lacks(stage, drill):
                outcomes.append(await drilled(stage, drill, asked.quiet))
                _tell("\n".join([row(outcomes[-1]), *outcomes[-1].faults[:20]]))
        if not asked.only or RESTORE in asked.only:
            has_ended = await restored(stage, serving)
            _tell("\n".join([f"restored {has_ended.kept}", *has_ended.faults[:20]]))
    return outcomes, has_ended


async def main() -> int:
    asked = _arguments()
    running = asyncio.ensure_future(run(asked))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    outcomes, has_ended = await running
    text = page(asked.seed, outcomes, has_ended)
    _tell(text)
    if not asked.only:
        PAGE.write_text(text)
    return int(not all(outcome.is_good for outcome in outcomes) or bool(has_ended and has_ended.faults))


if __name__ == "__main__":
    missing = [name for name, is_there in _NEEDED.items() if not is_there]
    if missing:
        sys.exit(f"drill: install {', '.join(missing)}")
    sys.exit(asyncio.run(main()))
