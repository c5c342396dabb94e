"""Measures the throughput and delay of the relay, and the cost of popular authors, on PostgreSQL.

Uses a copy of the database `bff_bench_<people>`, which is created if missing, and kept. Stop other load before.
"""

import argparse
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.fan_out.copy import Copy, copied, vacuum
from bench.fan_out.draining import Drained, drain, others
from bench.fan_out.page import Measured, middle, page
from bench.fan_out.spans import WARM_UP, Watched, watch_one, watch_pairs
from bench.processes import CPUS, LOAD_CPU, on_cpus, postmaster
from bench.stopping import run
from bench.world import PROJECT, BenchError, connected, say
from schema_check.wording import count_of

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the relay, one for PostgreSQL")
    database = await postmaster(options.postgres)
    with on_cpus(database, set(CPUS)) as movable:
        if not movable:
            say("PostgreSQL could not be pinned to one CPU")
    chance = random.Random(1)  # noqa: S311 - not for secrets
    async with copied(options.postgres, options.people) as copy:
        busy = [await others()]
        drained = await _drain(copy, database if movable else None, options, chance)
        rate = middle(drained, 1)
        await vacuum(copy.url)
        busy.append(await others())
        paced = await watch_one(copy, rate / 2, options.seconds * 3, chance)
        _print("at half of that rate", paced)
        await vacuum(copy.url)
        busy.append(await others())
        pairs = await watch_pairs(copy, rate / 4, options.seconds, options.pairs, chance)
        _print("without and with a popular author", pairs)
        async with connected(copy.url) as connection:
            version: str = await connection.fetchval("SHOW server_version")
        measured = Measured(options.people, drained, paced, pairs, version.partition(" ")[0], movable, max(busy))
        options.output.mkdir(parents=True, exist_ok=True)
        (options.output / "fan-out.md").write_text(page(measured, copy))
    if measured.failed:
        raise BenchError(f"relays logged {count_of(measured.failed, 'failure')}; see the page")
    return 0


async def _drain(copy: Copy, database: int | None, options: argparse.Namespace, chance: random.Random) -> list[Drained]:
    """Alternates backlogs for one relay and for two. Each round begins with the other.

    The first backlog, which creates the event streams, does not count.
    """
    found: list[Drained] = []
    await drain(copy, database, 1, options.posts, chance)
    for number in range(options.rounds):
        for count in (1, 2) if number % 2 == 0 else (2, 1):
            each = await drain(copy, database, count, options.posts, chance)
            found.append(each)
            say(
                f"  {number + 1}. {count_of(count, 'relay'):<8}  {each.posts_per_second:7.1f} posts/s "
                f"{each.entries_per_second:9.1f} entries/s  CPU {each.relay_cpu:5.2f} s, PostgreSQL "
                f"{each.database_cpu:5.2f} s, "
                f"busy {' '.join(f'{busy:.0%}' for busy in each.busy)}, deadlocks {each.deadlocks}"
            )
    return found


def _print(title: str, watched: Watched) -> None:
    say(f"  {title}, after {WARM_UP:.0f} s to warm up")
    for name, spans in (("without", watched.without), ("with", watched.with_popular)):
        for span in spans:
            say(
                f"    {name:<8} {span.rate:6.1f} posts/s  call p50 {span.calls.median * 1000:6.1f} p99 "
                f"{span.calls.p99 * 1000:6.1f} ms  entry p50 {span.entries.median * 1000:6.1f} p99 "
                f"{span.entries.p99 * 1000:6.1f} ms  late p99 {span.late.p99 * 1000:5.1f} ms"
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=20_000, metavar="N", help="users of the database (default 20000)")
    add("--posts", type=int, default=5000, metavar="N", help="posts of a backlog (default 5000)")
    add("--rounds", type=int, default=3, metavar="N", help="backlogs for one relay, and for two (default 3)")
    add("--seconds", type=float, default=10.0, metavar="S", help="length of a span with a popular author (default 10)")
    add("--pairs", type=int, default=5, metavar="N", help="pairs of such spans (default 5)")
    add("--postgres", default=_POSTGRES, metavar="URL", help=f"a server to create databases on (default {_POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
