"""Measures operations of different sizes over HTTP on PostgreSQL, beside other servers: `python -m bench.floor --help`.

Creates a missing database in about a minute, and keeps it. Writes `bench/results/floor.md` and `floor.json`. Stop other
load before.
"""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.cases import Entry, Plan, measure
from bench.command import POSTGRES, run_command
from bench.floor.contenders import with_statements, without_graphql
from bench.floor.operations import TITLES, operations
from bench.floor.page import Result, write
from bench.floor.statements import executions
from bench.operations import Operation
from bench.peer_statements import recorded
from bench.processes import CPUS, LOAD_CPU, on_cpus, postmaster
from bench.servers import ServerSettings
from bench.world import PROJECT, BenchError, World, open_world, say, tokens


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for the load and the database")
    world = asyncio.run(open_world(options.postgres, options.people))
    plan = Plan(options.rounds, options.seconds, options.warm_up, f"bench:{secrets.token_hex(32)}")
    database = asyncio.run(postmaster(options.postgres))
    with on_cpus(database, set(CPUS)) as movable:
        if not movable:
            say("PostgreSQL could not be pinned to one CPU")
    asked = operations(world)
    results: dict[str, Result] = {}
    for name in options.operations:
        say(name)
        results[name] = _measure(world, plan, asked[name], database)
    options.output.mkdir(parents=True, exist_ok=True)
    write(options.output, results, plan, options.postgres, pinned=movable)


def _measure(world: World, plan: Plan, operation: Operation, database: int | None) -> Result:
    settings = ServerSettings(world.url, plan.secret_keys)
    callers = tokens(world, plan.secret_keys)
    statements = asyncio.run(recorded(settings, operation, callers))
    servers = with_statements(statements)
    number = executions(servers, settings, operation, callers, statements)
    entries = [Entry(new(settings), world) for new in (*servers, without_graphql)]
    return Result(measure(entries, plan, database, operation), number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__)
    add = parser.add_argument
    add("--operations", nargs="+", choices=TITLES, default=[*TITLES], metavar="NAME", help=f"of {', '.join(TITLES)}")
    add("--rounds", type=int, default=7, metavar="N", help="measured spans per server and operation (default 7)")
    add("--seconds", type=float, default=8.0, metavar="S", help="length of a span (default 8)")
    add("--warm-up", type=float, default=5.0, metavar="S", help="load on each server before the first span (default 5)")
    add("--people", type=int, default=20_000, metavar="N", help="users of the database (default 20000)")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create a database on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
