"""Measures overload: `python -m bench.overload --help`. Writes `bench/results/overload.md`. Stop other load before."""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.command import POSTGRES, run_command
from bench.overload.page import page
from bench.overload.rounds import FACTOR, Plan, measure
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.transfers.people import open_bank
from bench.world import PROJECT, BenchError


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for the load and the database")
    bank = asyncio.run(open_bank(options.postgres, options.people))
    os.sched_setaffinity(0, {LOAD_CPU})
    keys = f"bench:{secrets.token_hex(32)}"
    plan = Plan(options.rounds, options.seconds, options.warm_up, keys, options.factor)
    with on_cpus(asyncio.run(postmaster(options.postgres)), {LOAD_CPU}):
        rounds = measure(bank, plan)
    text = page(rounds, plan)
    (options.output / "overload.md").write_text(text)
    sys.stdout.write(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=5, metavar="N", help="rounds with the limit and without (default 5)")
    add("--seconds", type=float, default=10.0, metavar="S", help="length of a span (default 10)")
    add("--warm-up", type=float, default=3.0, metavar="S", help="load on each server before (default 3)")
    add("--factor", type=float, default=FACTOR, metavar="F", help=f"times the peak (default {FACTOR:.0f})")
    add("--people", type=int, default=1000, metavar="N", help="users (default 1000)")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create a database on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
