"""Measures live updates, beside graphql-ws on Node and bare ASGI: `python -m bench.live --help`.

Writes `bench/results/live.md`. Stop other load before.
"""

import argparse
import os
import resource
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.live.database import LiveDatabase, live_database
from bench.live.idle import measure_idle
from bench.live.latency import Deployment, measure_latency
from bench.live.own import measure_own
from bench.live.page import Results, page
from bench.live.shared import SharedCase, measure_shared
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.stopping import run
from bench.world import PROJECT, BenchError, say
from services.event_log.event_streams import MIN_ENTRIES
from services.maintenance.seed import MIN_USERS

CASES = ("idle", "shared", "own", "latency")

_SPARE = 1.25
"""Users of the database per socket, because some block others and do not share results."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for the client and the database")
    people = max(int(max(options.sockets, options.followers) * _SPARE), MIN_USERS)
    cases = options.cases or CASES
    with on_cpus(await postmaster(options.postgres), {LOAD_CPU}) as is_pinned:
        if not is_pinned:
            say("PostgreSQL could not be pinned to one CPU")
        async with live_database(options.postgres, people, f"bench:{secrets.token_hex(32)}") as database:
            results = await _measure(database, cases, options)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "live.md").write_text(page(results, options.rounds))
    return 0


async def _measure(database: LiveDatabase, cases: Sequence[str], options: argparse.Namespace) -> Results:
    rounds = options.rounds
    idle = shared = own = latency = None
    if "idle" in cases:
        say("idle sockets")
        idle = await measure_idle(database, options.sockets, rounds)
    if "shared" in cases:
        say("shared events")
        case = SharedCase(options.followers, options.together, options.successive, options.single, rounds)
        shared = await measure_shared(database, case)
    if "own" in cases:
        say("own events")
        own = await measure_own(database, options.followers, rounds, statements=options.statements)
    if "latency" in cases:
        say("from commit to frame")
        deployments = [Deployment("bus on PostgreSQL", ""), Deployment("bus on Redis", options.redis)]
        latency = await measure_latency(database, deployments, options.samples, rounds)
    return Results(options.sockets, options.followers, idle, shared, own, latency)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    add = parser.add_argument
    add("cases", nargs="*", type=_case, metavar="CASE", help=f"cases to measure: {', '.join(CASES)} (default all)")
    add("--rounds", type=int, default=5, metavar="N", help="rounds of each case (default 5)")
    add("--sockets", type=int, default=5000, metavar="N", help="idle sockets (default 5000)")
    add("--followers", type=int, default=1000, metavar="N", help="sockets that receive events (default 1000)")
    add("--together", type=_entries, default=500, metavar="N", help="events that are appended together (default 500)")
    add("--successive", type=int, default=200, metavar="N", help="events one after the other (default 200)")
    add("--single", type=_entries, default=50, metavar="N", help="events that are waited for (default 50)")
    add("--samples", type=int, default=100, metavar="N", help="events from commit to frame per round (default 100)")
    add("--no-statements", dest="statements", action="store_false", help="do not count statements, which takes 24 s")
    postgres, cache = "postgres://postgres@127.0.0.1:5432/postgres", "redis://127.0.0.1:6379/0"
    add("--postgres", default=postgres, metavar="URL", help=f"a server to create a database on (default {postgres})")
    add("--redis", default=cache, metavar="URL", help=f"a server for the bus (default {cache})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


def _case(name: str) -> str:
    if name not in CASES:
        raise argparse.ArgumentTypeError(f"unknown case '{name}'")
    return name


def _entries(text: str) -> int:
    """Returns a number of entries that a stream keeps. Subscribers would get a reset if some were deleted."""
    number = int(text)
    if not 0 < number <= MIN_ENTRIES:
        raise argparse.ArgumentTypeError(f"1 to {MIN_ENTRIES} entries")
    return number


if __name__ == "__main__":
    sys.exit(main())
