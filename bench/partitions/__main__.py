"""Measures statements, retention and `bff partitions apply`. Writes `bench/results/partitions.md`.

Creates three databases on PostgreSQL and deletes them. Stop other load before.
"""

import argparse
import os
import statistics
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from urllib.parse import urlsplit

from bench.partitions.bulk import (
    STREAM_PARTITIONS,
    Conversion,
    Removed,
    compare_streams,
    convert,
    delete_rows,
    drop_rows,
)
from bench.partitions.measured import Compared, compare
from bench.partitions.world import PARTS, fill
from bench.stopping import run
from bench.world import PROJECT, connected, say
from core.settings import Settings
from core.telemetry import configure_logging
from services.maintenance.migrations import migrate
from services.resources import Resources, open_resources

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
_GOAL = 1.3
_MEBIBYTE = 1024**2


@asynccontextmanager
async def _opened(admin_url: str, name: str) -> AsyncGenerator[Resources]:
    name = f"bff_bench_partitions_{name}_{os.getpid()}"
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
            async with open_resources(Settings(database_url=url, database_deadline=120)) as resources:
                await migrate(resources.database, lambda _name: None)
                yield resources
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def main(arguments: Sequence[str] | None = None) -> int:
    return run(_run(_parser().parse_args(arguments)))


async def _run(options: argparse.Namespace) -> int:
    configure_logging("ERROR")
    async with AsyncExitStack() as stack:
        plain, partitioned = [
            await stack.enter_async_context(_opened(options.postgres, name)) for name in ("plain", "partitioned")
        ]
        pair = await fill(plain, partitioned, options.events, options.uses)
        say("statements")
        statements = await compare(pair, options.rounds)
        streams = await compare_streams(pair, options.rounds)
        say("retention")
        dropped = await drop_rows(partitioned)
        deleted = await delete_rows(plain, dropped.rows)
        say("apply")
        conversion = await convert(plain, options.writers)
    options.output.mkdir(parents=True, exist_ok=True)
    lines = [*_statements(statements, streams, options), *_retention(deleted, dropped), *_apply(conversion, options)]
    (options.output / "partitions.md").write_text("\n".join([*lines, ""]))
    return 0


def _statements(statements: list[Compared], streams: Compared, options: argparse.Namespace) -> list[str]:
    return [
        "# Partitions by time",
        "",
        f"Written by `make bench-partitions` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.",
        f"Two databases of one server have the same {options.events:,} events and {180 * options.uses:,} usage counts:",
        f"one in a table each, one in {PARTS} partitions with rows and those that are prepared. Times are medians of",
        f"{options.rounds} executions with planning, alternately in both, each in a transaction that is rolled back.",
        "",
        "## Statements",
        "",
        f"The goal is that no statement takes more than {_GOAL} times as long.",
        "",
        "| statement | one table | partitions | ratio | goal |",
        "|---|---:|---:|---:|---|",
        *(f"{_row(each)} {'reached' if each.ratio <= _GOAL else 'missed'} |" for each in statements),
        "",
        "## Stream entries",
        "",
        f"`stream_entries` has no partitions. An experiment with {STREAM_PARTITIONS}, by the transaction of the event:",
        "",
        "| statement | one table | partitions | ratio |",
        "|---|---:|---:|---:|",
        _row(streams),
    ]


def _row(each: Compared) -> str:
    return f"| {each.name} | {each.plain * 1000:.3f} ms | {each.partitioned * 1000:.3f} ms | {each.ratio:.2f} |"


def _retention(deleted: Removed, dropped: Removed) -> list[str]:
    rows = (("single rows are deleted", deleted), ("the partition is dropped", dropped))
    return [
        "",
        "## Retention",
        "",
        "Old events are removed. Vacuum comes on top where single rows are deleted, and was not measured.",
        "",
        "| | events | time | write-ahead log |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {each.rows:,} | {each.seconds:.2f} s | {each.wal_bytes / _MEBIBYTE:.2f} MiB |"
            for name, each in rows
        ),
    ]


def _apply(conversion: Conversion, options: argparse.Namespace) -> list[str]:
    parts = (("before", conversion.before), ("meanwhile", conversion.meanwhile))
    return [
        "",
        "## Apply",
        "",
        f"`bff partitions apply event_log` took {conversion.seconds:.2f} s for the events that were left, while",
        f"{options.writers} clients appended events without pauses.",
        "",
        "| | transactions | median | longest |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {len(each):,} | {statistics.median(each) * 1000:.2f} ms | {max(each) * 1000:.2f} ms |"
            for name, each in parts
        ),
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.partitions", description=__doc__)
    add = parser.add_argument
    add("--events", type=int, default=1_000_000, metavar="N", help="events (default 1000000)")
    add("--uses", type=int, default=500, metavar="N", help="usage counts of each of 180 days (default 500)")
    add("--rounds", type=int, default=300, metavar="N", help="executions of each statement (default 300)")
    add("--writers", type=int, default=4, metavar="N", help="clients that write during apply (default 4)")
    add("--postgres", default=_POSTGRES, metavar="URL", help=f"a server to create databases on (default {_POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
