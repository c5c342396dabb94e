"""Measures the home screen over HTTP on PostgreSQL: ours, ours with stock execution, and Mercurius with JIT.

Creates missing databases in about a minute, and keeps them. Stop other load before.
"""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from bench import report
from bench.cases import CASES, Measured, Plan, measure
from bench.command import POSTGRES, run_command
from bench.operations import home_screen
from bench.processes import CPUS, LOAD_CPU, on_cpus, postmaster
from bench.profiling import profile
from bench.world import PROJECT, BenchError, World, open_world, say


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for the load and the database")

    @cache
    def world(people: int) -> World:
        return asyncio.run(open_world(options.postgres, people))

    plan = Plan(options.rounds, options.seconds, options.warm_up, f"bench:{secrets.token_hex(32)}")
    few, many = sorted(options.people)
    options.output.mkdir(parents=True, exist_ok=True)
    world(many)
    database = asyncio.run(postmaster(options.postgres))
    if options.profile:
        with on_cpus(database, {LOAD_CPU}):
            profile(world(many), plan, options.output)
        return
    with on_cpus(database, set(CPUS)) as movable:
        if not movable:
            say("PostgreSQL could not be pinned to one CPU")
    results: dict[str, dict[str, Measured]] = {}
    for case in options.cases or CASES:
        say(case)
        results[case] = measure(CASES[case](world, plan, many, few), plan, database, home_screen())
    software = report.versions(options.postgres)
    report.write(options.output, results, plan, software, pinned=movable)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.home", description=__doc__)
    add = parser.add_argument
    add("cases", nargs="*", type=_case, metavar="CASE", help=f"cases to compare: {', '.join(CASES)} (default all)")
    add("--rounds", type=int, default=7, metavar="N", help="measured spans per server (default 7)")
    add("--seconds", type=float, default=8.0, metavar="S", help="length of a span (default 8)")
    add("--warm-up", type=float, default=5.0, metavar="S", help="load on each server before the first span (default 5)")
    add("--people", type=int, nargs=2, default=[200, 20_000], metavar="N", help="users of the two databases")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create databases on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    add("--profile", action="store_true", help="only profile our server, and write home-profile.md")
    return parser


def _case(name: str) -> str:
    if name not in CASES:
        raise argparse.ArgumentTypeError(f"unknown case '{name}'")
    return name


if __name__ == "__main__":
    sys.exit(main())
