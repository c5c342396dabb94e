"""Measures how much CPU the start of a server takes: `python -m bench.starting --help`.

A platform that starts containers with requests bills this, and requests wait for it. Writes `bench/results/start.md`.
"""

import argparse
import asyncio
import platform
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.command import POSTGRES, run_command
from bench.processes import cpu_seconds
from bench.servers import Contender, ServerSettings, ours, started
from bench.world import PROJECT, open_world, say

PEOPLE = 200
GOAL_SECONDS = 2.0


class Start(NamedTuple):
    """The seconds of one start until the server is ready: of CPU, of the clock, and its memory in MB."""

    cpu: float
    clock: float
    memory: float


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.starting", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, metavar="N", help="starts after one that fills caches (9)")
    parser.add_argument("--postgres", default=POSTGRES, metavar="URL", help=f"a server with a database ({POSTGRES})")
    parser.add_argument("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR")
    return run_command(parser, _run, arguments)


def _run(options: argparse.Namespace) -> None:
    world = asyncio.run(open_world(options.postgres, PEOPLE))
    contender = ours("ours", ServerSettings(world.url, f"bench:{secrets.token_hex(32)}", database_pool=2))
    starts = [_start(contender) for _ in range(options.rounds + 1)][1:]
    lines = list(_page(starts))
    (options.output / "start.md").write_text("\n".join(lines) + "\n")
    say("\n".join(lines[4:]))


def _start(contender: Contender) -> Start:
    began = time.monotonic()
    with started(contender) as running:
        return Start(cpu_seconds(running.pids), time.monotonic() - began, _megabytes(running.pids[0]))


def _megabytes(pid: int) -> float:
    """Returns the resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def _page(starts: Sequence[Start]) -> Iterator[str]:
    cpu = median(start.cpu for start in starts)
    yield "# The start of a server"
    yield ""
    yield (
        f"Written by `make bench-start` on {datetime.now(UTC).date().isoformat()}, with Python "
        f"{platform.python_version()}: {len(starts)} starts of `bff serve` with production settings, PostgreSQL, and a "
        "pool of two connections, on one CPU, until `/readyz` responds with 200. The files have been read before."
    )
    yield ""
    yield "| | median | minimum | maximum |"
    yield "|---|---|---|---|"
    for name, values in (
        ("CPU of the process, s", [start.cpu for start in starts]),
        ("time, s", [start.clock for start in starts]),
        ("resident memory, MB", [start.memory for start in starts]),
    ):
        yield f"| {name} | {median(values):.2f} | {min(values):.2f} | {max(values):.2f} |"
    verdict = "reached" if cpu < GOAL_SECONDS else "**not reached**"
    yield ""
    yield f"The goal is less than {GOAL_SECONDS:g} s of CPU: {verdict}."


if __name__ == "__main__":
    sys.exit(main())
