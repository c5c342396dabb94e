"""Measures the cached home screen, beside Apollo Server and GraphQL Yoga: `python -m bench.cached --help`.

Starts a Redis server for the run. Writes `bench/results/cached.md`. Stop other load before.
"""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.cached.page import page
from bench.cached.redis import redis_server
from bench.cached.rounds import MAX_SECONDS, Plan, Rounds
from bench.command import POSTGRES, run_command
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.world import PROJECT, BenchError, open_world, say


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for the load, Redis and the database")
    world = asyncio.run(open_world(options.postgres, options.people))
    keys = f"bench:{secrets.token_hex(32)}"
    plan = Plan(options.rounds, options.seconds, options.warm_up, keys, options.ours_uncached)
    with on_cpus(asyncio.run(postmaster(options.postgres)), {LOAD_CPU}) as is_pinned, redis_server() as redis:
        if not is_pinned:
            say("PostgreSQL could not be pinned to one CPU")
        measured = Rounds(world, plan, redis).measure()
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "cached.md").write_text(page(measured, plan, world.people))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.cached", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=7, metavar="N", help="measured spans per server (default 7)")
    add("--seconds", type=_seconds, default=8.0, metavar="S", help="length of a span (default 8)")
    add("--warm-up", type=_seconds, default=5.0, metavar="S", help="load on each server before (default 5)")
    add("--people", type=int, default=20_000, metavar="N", help="users of the database (default 20000)")
    add("--ours-uncached", action="store_true", help="measure ours without its cache, and no goals")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create a database on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


def _seconds(text: str) -> float:
    """Returns the length of a span. Responses would expire in a longer one."""
    number = float(text)
    if not 0 < number <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"at most {MAX_SECONDS:.0f} seconds")
    return number


if __name__ == "__main__":
    sys.exit(main())
