"""Measures 95% reads and 5% writes with the response cache and without: `python -m bench.cache_mix --help`.

Uses copies of the database `bff_bench_<people>`, which is created if missing, and kept. Starts a Redis server for the
run. Writes `bench/results/cache-mix.md`. Stop other load before.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from bench.cache_mix.blocks import Measured, Plan, measure
from bench.cache_mix.database import copies, read_subjects
from bench.cache_mix.page import World, page
from bench.cache_mix.scenario import Scenario
from bench.cache_mix.servers import CACHED, UNCACHED, deployed
from bench.cached.redis import redis_server
from bench.live.waiting import in_thread
from bench.processes import LOAD_CPU, on_cpus, postmaster
from bench.servers import ServerSettings
from bench.stopping import run
from bench.world import PROJECT, BenchError, open_world, say
from core.clock import system_clock
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
_TOKEN_LIFETIME = timedelta(hours=12)
_SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    return run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    if (os.cpu_count() or 1) <= LOAD_CPU:
        raise BenchError("two CPUs are needed: one for the server, one for everything else")
    os.sched_setaffinity(0, {LOAD_CPU})
    plan = Plan(options.blocks, options.minutes * 60 / options.blocks, options.rate)
    with on_cpus(await postmaster(options.postgres), {LOAD_CPU}) as is_pinned:
        if not is_pinned:
            say("PostgreSQL could not be pinned to one CPU")
        measured = await _measure(options, plan)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "cache-mix.md").write_text(page(measured, plan, World(options.people, options.readers)))
    return 0


async def _measure(options: argparse.Namespace, plan: Plan) -> dict[str, Measured]:
    world = await open_world(options.postgres, options.people)
    keys = f"bench:{secrets.token_hex(32)}"
    names = (CACHED, UNCACHED)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(in_thread(redis_server()))
        urls = await stack.enter_async_context(copies(options.postgres, world, ["cached", "uncached"]))
        subjects = await read_subjects(urls[0])
        if len(subjects) < options.readers:
            raise BenchError(f"--readers: the database has {len(subjects)} people")
        every = len(subjects) // options.readers
        tokens = _tokens([subject.user_id for subject in subjects[::every][: options.readers]], keys)
        deployments = [
            (
                await stack.enter_async_context(in_thread(deployed(name, ServerSettings(url, keys), cache_url))),
                Scenario(options.readers, subjects, _SEED),
            )
            for name, url, cache_url in zip(names, urls, (redis.url(0), ""), strict=True)
        ]
        return dict(await measure(deployments, tokens, plan))


def _tokens(user_ids: Sequence[int], secret_keys: str) -> list[str]:
    access_tokens = AccessTokens(KeyRing(secret_keys), system_clock, _TOKEN_LIFETIME, Revocations(_TOKEN_LIFETIME))
    return [access_tokens.issue(SignedIn(user_id, device_id=1))[0] for user_id in user_ids]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.cache_mix", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=10.0, metavar="N", help="load on each server (default 10)")
    add("--blocks", type=int, default=2, metavar="N", help="blocks of each server, in turn (default 2)")
    add("--rate", type=float, default=150.0, metavar="N", help="requests per second (default 150)")
    add("--readers", type=int, default=1000, metavar="N", help="people who send requests (default 1000)")
    add("--people", type=int, default=20_000, metavar="N", help="users of the database (default 20000)")
    add("--postgres", default=_POSTGRES, metavar="URL", help=f"a server to create databases on (default {_POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
