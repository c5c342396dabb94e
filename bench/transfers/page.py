"""Writes the results as a page."""

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from bench.transfers.load import CONNECTIONS, Span
from bench.transfers.rounds import CASES, HANDWRITTEN, OURS, Plan, Results
from bench.transfers.statements import STATEMENTS

MIN_RATIO = 0.5
_PACKAGES = ("asyncpg", "uvicorn", "uvloop", "httptools", "tortoise-orm", "strawberry-graphql", "graphql-core")


def page(results: Results, plan: Plan, server: Mapping[str, str], *, pinned: bool) -> str:
    """Returns the page of a run."""
    parts = (_opening(plan, server, pinned=pinned), _table(results), _goals(results), _versions(server))
    return "\n".join(line for part in parts for line in part) + "\n"


def _opening(plan: Plan, server: Mapping[str, str], *, pinned: bool) -> Iterator[str]:
    cpus = "PostgreSQL and wrk run on the other CPU" if pinned else "wrk runs on the other CPU, PostgreSQL on both"
    settings = ", ".join(f"`{name}={server[name]}`" for name in ("fsync", "synchronous_commit"))
    yield "# Transfers between wallets"
    yield ""
    yield (
        f"Written by `make bench-transfers` on {datetime.now(UTC):%Y-%m-%d}. Medians of {plan.rounds} rounds of "
        f"{plan.seconds:g} seconds, with minimum and maximum in brackets. Both programs take turns on one database, "
        "and each round begins with the other one."
    )
    yield ""
    yield (
        f"“{OURS}” is the mutation `sendPayment` over HTTP, by wrk on {CONNECTIONS} connections, with production "
        "settings and a new idempotency key for each request; each response is checked. "
        f"“{HANDWRITTEN}” is [a Python program](../transfers/handwritten.py) that executes the same statements through "
        "asyncpg, without HTTP, GraphQL, tokens and validation. Before the rounds, a relay records the statements of "
        f"our server: a transfer executes the same {len(STATEMENTS)} statements on the same tables, in one transaction "
        "each. The triggers of the ledger run for both."
    )
    yield ""
    yield (
        f"Each program is one process on one CPU with {plan.database_pool} connections to PostgreSQL; {cpus}. "
        f"PostgreSQL has {settings}. No worker runs, so events are not projected. Senders are random among "
        f"{plan.people:,} people, and so are recipients, or all money goes to one wallet. CPU is user and system time "
        "of the process, and of PostgreSQL's processes that serve the database, divided by the transfers. Latencies "
        f"are those of {CONNECTIONS} HTTP connections that wait for {plan.database_pool} of the database, or of "
        f"{plan.database_pool} connections that make one transfer after another, so compare the rates."
    )
    yield ""


def _table(results: Results) -> Iterator[str]:
    for case, measured in results.items():
        yield f"## {case[0].upper()}{case[1:]}"
        yield ""
        yield "| | transfers/s | p50, ms | p99, ms | CPU, ms | CPU of the database, ms | CPUs busy |"
        yield "|---|---|---|---|---|---|---|"
        for name, spans in measured.items():
            cells = [
                _spread(spans, _rate, 0),
                _spread(spans, lambda span: span.p50_ms, 1),
                _spread(spans, lambda span: span.p99_ms, 1),
                _spread(spans, _cpu, 2),
                _spread(spans, _database_cpu, 2),
                " · ".join(f"{median(map(busy, spans)):.0%}" for busy in (_server_busy, _load_busy)),
            ]
            yield f"| {name} | {' | '.join(cells)} |"
        yield ""
        yield "| | transfers/s | CPU | CPU of the database |"
        yield "|---|---|---|---|"
        ratios = " | ".join(f"{_ratio(measured, what):.2f}" for what in (_rate, _cpu, _database_cpu))
        yield f"| {OURS} / {HANDWRITTEN} | {ratios} |"
        yield ""


def _goals(results: Results) -> Iterator[str]:
    yield "## Goal"
    yield ""
    yield "| goal | measured | |"
    yield "|---|---|---|"
    for case in CASES:
        ratio = _ratio(results[case], _rate)
        reached = "reached" if ratio >= MIN_RATIO else "**not reached**"
        yield f"| at least {MIN_RATIO:g} times the transfers/s, {case} | {ratio:.2f} | {reached} |"
    yield ""


def _versions(server: Mapping[str, str]) -> Iterator[str]:
    software = {"Python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}
    software["PostgreSQL"] = server["server_version"].partition(" ")[0]
    yield "## Versions"
    yield ""
    yield ", ".join(f"{name} {number}" for name, number in software.items()) + "."


def _rate(span: Span) -> float:
    return span.per_second


def _cpu(span: Span) -> float:
    return span.cpu_ms


def _database_cpu(span: Span) -> float:
    return span.database_cpu_ms


def _server_busy(span: Span) -> float:
    return span.server_cpu_busy


def _load_busy(span: Span) -> float:
    return span.load_cpu_busy


def _ratio(measured: Mapping[str, Sequence[Span]], what: Callable[[Span], float]) -> float:
    own, other = (median(map(what, measured[name])) for name in (OURS, HANDWRITTEN))
    return own / other


def _spread(spans: Sequence[Span], what: Callable[[Span], float], digits: int) -> str:
    numbers = [what(span) for span in spans]
    return f"**{median(numbers):,.{digits}f}** ({min(numbers):,.{digits}f} to {max(numbers):,.{digits}f})"
