"""Measures how the erasure of a popular account delays concurrent posts, on PostgreSQL.

Uses a copy of the database `bff_bench_<people>`, which is created if missing, and kept. Stop other load before.
Writes `bench/results/erasure.md`.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.erasing.http import Server
from bench.erasing.page import Measured, page
from bench.erasing.publishing import Author, Publishing
from bench.erasing.rounds import Pending, Round, Stage, measure_pending, measure_round
from bench.fan_out.copy import Copy, copied
from bench.fan_out.draining import others
from bench.fan_out.relays import SECRET_KEYS, relays
from bench.servers import ServerSettings, ours, started
from bench.stopping import run
from bench.world import PROJECT, connected, say
from core.settings import Settings
from core.viewer import SignedIn
from services.resources import open_resources

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
_WARM_UP = 3.0
_PENDING_ROUNDS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    async with copied(options.postgres, options.people) as copy:
        busy = await others()
        server = ours("bff serve", ServerSettings(copy.url, SECRET_KEYS), BFF_PUSH_FOLLOWERS=str(copy.push_followers))
        with started(server) as running:
            stage = await _stage(copy, running.ports[0], options)
            pending = await _pending(stage)
            rounds = await _rounds(stage, options)
        async with connected(copy.url) as connection:
            version: str = await connection.fetchval("SHOW server_version")
        measured = Measured(
            options.people,
            options.posts,
            options.rate,
            options.seconds,
            options.pairs,
            rounds,
            pending,
            version.partition(" ")[0],
            busy,
        )
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "erasure.md").write_text(page(measured))
    return 0


async def _stage(copy: Copy, port: int, options: argparse.Namespace) -> Stage:
    """Creates the load: all accounts that have a reader and whose posts are pushed."""
    server, chance = Server(port), random.Random(1)  # noqa: S311 - not for secrets
    async with open_resources(Settings(database_url=copy.url, secret_keys=SECRET_KEYS)) as resources:
        authors = [
            Author(resources.access_tokens.issue(SignedIn(author, device_id=1))[0], readers)
            for author, readers in copy.people.readers.items()
            if readers
        ]
    return Stage(copy, server, Publishing(copy.url, server, authors, options.rate, chance), options.posts)


async def _pending(stage: Stage) -> list[Pending]:
    """Measures accounts without and with posts, alternately."""
    found: list[Pending] = []
    for posts in (0, stage.posts) * _PENDING_ROUNDS:
        found.append(await measure_pending(stage, posts))
        say(f"  behind {found[-1].deletions:>3} deletions: {found[-1].seconds * 1000:7.1f} ms")
    return found


async def _rounds(stage: Stage, options: argparse.Namespace) -> list[Round]:
    found: list[Round] = []
    async with relays(stage.copy, [None], only=None):
        await stage.publishing.until(asyncio.sleep(_WARM_UP))
        for number in range(options.rounds):
            found.append(await measure_round(stage, options.seconds, options.pairs))
            without, beside = found[-1].without, found[-1].beside
            say(
                f"  {number + 1}. without: {without.entries.count} posts, p50 {without.entries.median * 1000:.1f} "
                f"p99 {without.entries.p99 * 1000:.1f} ms  beside: {beside.entries.count} posts, "
                f"p50 {beside.entries.median * 1000:.1f} p99 {beside.entries.p99 * 1000:.1f} ms  "
                f"ratio {found[-1].ratio:.2f}, {found[-1].followers_per_second:.0f} followers/s"
            )
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.erasure", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=20_000, metavar="N", help="the world, who all follow the account (default 20000)")
    add("--posts", type=int, default=300, metavar="N", help="posts of the account (default 300)")
    add("--rate", type=float, default=30.0, metavar="N", help="posts a second of others (default 30)")
    add("--rounds", type=int, default=5, metavar="N", help="accounts that are erased (default 5)")
    add("--pairs", type=int, default=10, metavar="N", help="spans beside the erasure, and without it (default 10)")
    add("--seconds", type=float, default=4.0, metavar="S", help="a span (default 4)")
    add("--postgres", default=_POSTGRES, metavar="URL", help=f"a database to make others from (default {_POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
