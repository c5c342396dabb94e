"""Measures what traces cost. Writes `bench/results/tracing.md`."""

import argparse
import asyncio
import secrets
import signal
import sys
from types import FrameType

from bench.cached.redis import redis_server
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.tracing.checks import nanoseconds_of_home
from bench.tracing.page import PAGE, write
from bench.tracing.rounds import Plan, measure
from bench.world import BenchError, open_world, say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _stop)  # so that the servers are ended, and the database is unpinned
    plan = Plan(options.rounds, options.seconds, f"bench:{secrets.token_hex(32)}")
    try:
        world = asyncio.run(open_world(options.database, options.people))
        parent = asyncio.run(postmaster(options.database))
        with on_cpus(parent, {LOAD_CPU}), redis_server() as redis:
            samples = measure(world, plan, redis)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    write(samples, plan, nanoseconds_of_home())
    say(f"wrote {PAGE}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(1)


main()
