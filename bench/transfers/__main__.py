"""Measures transfers beside hand-written SQL: `python -m bench.transfers --help`.

Writes `bench/results/transfers.md`. Stop other load before.
"""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.command import POSTGRES, run_command
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.transfers.page import page
from bench.transfers.people import open_bank
from bench.transfers.rounds import Plan, measure
from bench.world import PROJECT, BenchError, connected
from core.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the program, one for the load and the database")
    bank = asyncio.run(open_bank(options.postgres, options.people))
    keys = f"bench:{secrets.token_hex(32)}"
    plan = Plan(options.rounds, options.seconds, options.warm_up, options.people, keys, options.pool)
    with on_cpus(asyncio.run(postmaster(options.postgres)), {LOAD_CPU}) as is_pinned:
        results = measure(bank, plan)
    server = asyncio.run(_server_settings(options.postgres))
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "transfers.md").write_text(page(results, plan, server, pinned=is_pinned))


async def _server_settings(url: str) -> dict[str, str]:
    async with connected(url) as connection:
        names = ("server_version", "fsync", "synchronous_commit")
        return {name: await connection.fetchval(f"SHOW {name}") for name in names}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.transfers", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=7, metavar="N", help="measured spans per program and case (default 7)")
    add("--seconds", type=float, default=8.0, metavar="S", help="length of a span (default 8)")
    add("--warm-up", type=float, default=5.0, metavar="S", help="load on each program before (default 5)")
    add("--people", type=int, default=1000, metavar="N", help="wallets (default 1000)")
    add("--pool", type=int, default=Settings().database_pool, metavar="N", help="connections of each program")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create a database on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
