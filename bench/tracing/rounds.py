"""Measures servers in turn, which trace nothing, a tenth and all of their requests."""

import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from bench.cached.redis import RedisServer
from bench.load import Load, Sample
from bench.operations import home_screen
from bench.processes import LOAD_CPU, pinned
from bench.servers import Contender, Running, ServerSettings, ours, started
from bench.world import PROJECT, BenchError, World, say, tokens

OFF, TENTH, ALL = "off", "10% sampled", "all sampled"
HOME, HIT = "home screen, executed", "home screen, stored response"
_SHARES = {TENTH: "0.1", ALL: "1"}
_FILL_SECONDS = 3.0
_CACHED_USERS = 20
"""Users with stored responses. Few, because one execution takes as long as thirty stored responses."""

_POOL = 6
"""Connections of each server to the database. All servers run at the same time."""


class Case(NamedTuple):
    """A kind of response, and how its server traces."""

    response: str
    tracing: str


class Plan(NamedTuple):
    """Says how long and how often to measure."""

    rounds: int
    seconds: float
    secret_keys: str


class _Entry(NamedTuple):
    case: Case
    database: int
    running: Running
    load: Load


@contextmanager
def collector() -> Generator[str]:
    """Yields the address of a collector on the CPU of the load."""
    command = pinned({LOAD_CPU}, [sys.executable, "-m", "bench.tracing.collector"])
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or not (port := process.stdout.readline().strip()):
            raise BenchError("the collector did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def measure(world: World, plan: Plan, redis: RedisServer) -> Mapping[Case, Sequence[Sample]]:
    """Returns the samples of each case. Each round begins with another one, and each case has a server of its own."""
    with ExitStack() as stack:
        address = stack.enter_context(collector())
        entries = list(_entries(stack, world, plan, redis, address))
        samples: dict[Case, list[Sample]] = {entry.case: [] for entry in entries}
        for entry in entries:
            entry.load.run(entry.running, world.url, _FILL_SECONDS)
        for number in range(plan.rounds):
            for place in range(len(entries)):
                entry = entries[(place + number) % len(entries)]
                if entry.case.response == HIT:  # from new responses on, so that none expires in the span
                    redis.empty(entry.database)
                    entry.load.run(entry.running, world.url, _FILL_SECONDS)
                sample = entry.load.run(entry.running, world.url, plan.seconds)
                samples[entry.case].append(sample)
                say(f"{number + 1}  {', '.join(entry.case):<50}{sample.cpu_ms * 1000:8.1f} µs  {sample.requests}")
    return samples


def _entries(stack: ExitStack, world: World, plan: Plan, redis: RedisServer, address: str) -> Generator[_Entry]:
    folder, callers = Path(stack.enter_context(TemporaryDirectory())), tokens(world, plan.secret_keys)
    settings = ServerSettings(world.url, plan.secret_keys, _POOL)
    for database, case in enumerate(
        Case(response, tracing) for response in (HOME, HIT) for tracing in (OFF, TENTH, ALL)
    ):
        own = folder / str(database)
        own.mkdir()
        contender = _contender(case, settings, redis.url(database), address)
        load = Load(own, home_screen(), callers[:_CACHED_USERS] if case.response == HIT else callers)
        yield _Entry(case, database, stack.enter_context(started(contender)), load)


def _contender(case: Case, settings: ServerSettings, cache_url: str, address: str) -> Contender:
    environment: dict[str, Any] = {"BFF_CACHE_URL": cache_url} if case.response == HIT else {}
    if case.tracing != OFF:
        environment |= {"BFF_OTEL": address, "BFF_OTEL_SAMPLE": _SHARES[case.tracing]}
    return ours(", ".join(case), settings, **environment)
