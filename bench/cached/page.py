"""Writes the results as a page."""

import platform
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

import orjson

from bench.cached.contenders import APOLLO, BARE, OURS, PEERS, UNCACHED, YOGA
from bench.cached.redis import version as redis_version
from bench.cached.rounds import Measured, Plan, Span
from bench.load import CONNECTIONS
from bench.processes import tool
from bench.servers import NODE, NODE_OPTIONS, PEER
from bench.world import CALLERS

Results = Mapping[str, Measured]

_MIN_RATIO = 5.0
_MAX_CPU_MS = 0.14
_MAX_OTHERS = 0.01
"""The share of requests for which loops may execute a statement. More would belong to the requests."""
_PACKAGES = ("uvicorn", "uvloop", "httptools", "redis", "asyncpg", "strawberry-graphql", "graphql-core")


def page(measured: Results, plan: Plan, people: int) -> str:
    """Returns the page of a run."""
    parts = (_opening(plan, people), _table(measured), _statements(measured), _goals(measured, plan), _versions())
    return "\n".join(line for part in parts for line in part) + "\n"


def _opening(plan: Plan, people: int) -> Iterator[str]:
    rounds = f"{plan.rounds} {'round' if plan.rounds == 1 else 'rounds'}"
    yield "# The cached home screen"
    yield ""
    yield (
        f"Written by `make bench-cached` on {datetime.now(UTC):%Y-%m-%d}. Medians of {rounds} of {plan.seconds:g} "
        "seconds, with minimum and maximum in brackets. Servers take turns, and each round begins with another one."
    )
    yield ""
    yield (
        f"[`home.graphql`](../../schema-operations/home.graphql) by POST over HTTP, by wrk on {CONNECTIONS} persistent "
        f"connections, for {CALLERS} of {people:,} people in turn, each with their own token. Responses are cached for "
        "each person in Redis. Before each span the cache is emptied and each home screen is requested until none "
        "executes a statement. So each response in a span is a hit, except those of the server without a cache. "
        "Before and after the rounds, all servers sent the same `data` for each person, value by value, without the "
        "cache and from it."
    )
    yield ""
    yield (
        "Each server is one process on one CPU. wrk, PostgreSQL and one Redis server share the other CPU; each server "
        "has its own database in Redis. wrk does not ask for compression, so no server compresses. All verify the "
        "token, and keep verified tokens. CPU is user and system time of the server's process from `/proc`, divided by "
        "the started requests."
    )
    yield ""
    yield (
        f"“{OURS}” is `bff serve` with production settings and `BFF_CACHE_URL`. “{APOLLO}” is [Apollo "
        "Server](../peers/apollo-cached) on Fastify, with its plugin for cached responses and Keyv; the hint of the "
        f"home screen is 60 seconds, private. “{YOGA}” is [GraphQL Yoga](../peers/yoga-cached) on Node's HTTP server, "
        "with its plugin for cached responses and ioredis, for 60 seconds and each session. Its keys use Node's hash, "
        "which is faster than the default. Without a cached response "
        "both execute the statements of the [Mercurius server](../peers/mercurius). Node runs with "
        f"`{' '.join(NODE_OPTIONS)}`, and `NODE_ENV=production`. “{BARE}” is uvicorn with an application that sends "
        "the same bytes from memory, without verification, cache or GraphQL."
    )
    yield ""
    if plan.ours_uncached:
        yield f"**This run has `--ours-uncached`: “{OURS}” had no cache, so the goals are not measured.**"
        yield ""


def _table(measured: Results) -> Iterator[str]:
    yield "| | requests/s | p50, ms | p99, ms | CPU, µs | CPU of Redis, µs | CPUs busy | bytes |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, found in measured.items():
        cells = [
            _spread(found, _rate, 0),
            _spread(found, lambda span: span.sample.p50_ms, 1),
            _spread(found, lambda span: span.sample.p99_ms, 1),
            _spread(found, _cpu, 0),
            f"{_median(found, lambda span: span.redis_cpu_ms * 1e3):.0f}" if found.miss_statements else "",
            " · ".join(f"{_median(found, cpu):.0%}" for cpu in (_server_cpu, _load_cpu)),
            f"{found.answer_bytes:,.0f}",
        ]
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield "| | requests/s | CPU per request |"
    yield "|---|---|---|"
    for name in (APOLLO, YOGA, BARE, UNCACHED):
        rate = _median(measured[OURS], _rate) / _median(measured[name], _rate)
        cpu = _median(measured[OURS], _cpu) / _median(measured[name], _cpu)
        yield f"| {OURS} / {name} | {rate:.2f} | {cpu:.2f} |"
    yield ""


def _statements(measured: Results) -> Iterator[str]:
    yield "## Statements"
    yield ""
    yield (
        "A relay between each server and PostgreSQL counts the statements by their text. Those of the home screen are "
        "the ones that are executed for each person when the cache is empty. The others belong to loops of the server, "
        "which run without requests too."
    )
    yield ""
    yield "| | home screen, without the cache | home screen, all rounds | others, all rounds | requests, all rounds |"
    yield "|---|---:|---:|---:|---:|"
    for name, found in measured.items():
        if found.miss_statements is not None:
            requests = sum(span.sample.requests for span in found.spans)
            home, others = _total(found, lambda span: span.home), _total(found, lambda span: span.others)
            yield f"| {name} | {found.miss_statements:.2f} | {home:,} | {others:,} | {requests:,} |"
    yield ""


def _goals(measured: Results, plan: Plan) -> Iterator[str]:
    if plan.ours_uncached:
        return
    own = measured[OURS]
    faster = max((APOLLO, YOGA), key=lambda name: _median(measured[name], _rate))
    ratio = _median(own, _rate) / _median(measured[faster], _rate)
    cpu_ms = _median(own, _cpu) / 1e3
    home, others = _total(own, lambda span: span.home), _total(own, lambda span: span.others)
    few = sum(span.sample.requests for span in own.spans) * _MAX_OTHERS
    yield "## Goals"
    yield ""
    yield "| goal | measured | |"
    yield "|---|---|---|"
    shown = f"at least {_MIN_RATIO:g} times the requests/s of the faster peer ({faster})"
    yield f"| {shown} | {ratio:.2f} | {_reached(is_reached=ratio >= _MIN_RATIO)} |"
    reached = _reached(is_reached=cpu_ms <= _MAX_CPU_MS)
    yield f"| at most {_MAX_CPU_MS:g} ms of CPU per hit | {cpu_ms:.3f} ms | {reached} |"
    reached = _reached(is_reached=home == 0 and others <= few)
    yield f"| 0 statements per hit | {home:,} of the home screen, {others:,} of loops, in all rounds | {reached} |"
    yield ""


def _versions() -> Iterator[str]:
    software = {"Python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    node = subprocess.run([tool("node", NODE), "--version"], check=True, capture_output=True, text=True).stdout
    software["Node"] = node.strip().removeprefix("v")
    for folder in (*PEERS.values(), PEER):
        software |= orjson.loads((folder / "package.json").read_bytes())["dependencies"]
    software["Redis"] = redis_version()
    yield "## Versions"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in software.items()) + "."


def _reached(*, is_reached: bool) -> str:
    return "reached" if is_reached else "**not reached**"


def _rate(span: Span) -> float:
    return span.sample.requests_per_second


def _cpu(span: Span) -> float:
    return span.sample.cpu_ms * 1e3


def _server_cpu(span: Span) -> float:
    return span.sample.server_cpu_busy


def _load_cpu(span: Span) -> float:
    return span.sample.load_cpu_busy


def _total(found: Measured, what: Callable[[Span], int | None]) -> int:
    return sum(what(span) or 0 for span in found.spans)


def _median(found: Measured, what: Callable[[Span], float]) -> float:
    return median(map(what, found.spans))


def _spread(found: Measured, what: Callable[[Span], float], digits: int) -> str:
    numbers = [what(span) for span in found.spans]
    return f"**{median(numbers):,.{digits}f}** ({min(numbers):,.{digits}f} to {max(numbers):,.{digits}f})"
