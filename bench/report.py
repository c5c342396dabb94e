"""Writes the results of the home screen as a page and as JSON."""

import asyncio
import json
import platform
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import orjson

from bench.cases import JOINED, LOADERS, ONE, OURS, STOCK, TWO, Measured, Plan
from bench.load import CONNECTIONS, PER_CPU, WRK
from bench.processes import tool
from bench.servers import NODE, NODE_OPTIONS, PEER, ServerSettings
from bench.tables import cpu, median_of, rate, ratio_of, table
from bench.world import CALLERS, connected
from core.settings import Settings

Results = Mapping[str, Mapping[str, Measured]]

_PACKAGES = (
    "strawberry-graphql graphql-core aiodataloader asyncpg tortoise-orm starlette uvicorn uvloop httptools orjson "
    "msgspec pyjwt"
)
_MAX_GROWTH, _MAX_FOR_TWO = 1.3, 1.1


def versions(admin_url: str) -> dict[str, str]:
    """Returns the versions of all measured software and of the tools."""
    node = _output(tool("node", NODE), "--version").removeprefix("v")
    wrk = _output(tool("wrk", WRK), "-v").split()[1].rpartition("/")[2]
    packages = {name: version(name) for name in _PACKAGES.split()}
    peer = orjson.loads((PEER / "package.json").read_bytes())["dependencies"]
    postgres = asyncio.run(_postgres_version(admin_url))
    return {"Python": platform.python_version(), **packages, "Node": node, **peer, "PostgreSQL": postgres, "wrk": wrk}


def _output(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


async def _postgres_version(admin_url: str) -> str:
    async with connected(admin_url) as connection:
        found: str = await connection.fetchval("SHOW server_version")
    return found.partition(" ")[0]


def write(folder: Path, results: Results, plan: Plan, software: Mapping[str, str], *, pinned: bool) -> None:
    """Writes `home.md` and `home.json` in a folder."""
    when = datetime.now(UTC).date().isoformat()
    data = {
        "date": when,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "connections": CONNECTIONS,
        "asking": CALLERS,
        "postgres_pinned": pinned,
        "versions": software,
        "cases": {
            case: {name: asdict(found) for name, found in measured.items()} for case, measured in results.items()
        },
    }
    (folder / "home.json").write_text(json.dumps(data, indent=2) + "\n")
    lines = [*_opening(plan, when, pinned=pinned), *_home(results), *_growth(results), *_processes(results)]
    lines += ["## Versions", "", ", ".join(f"{name} {number}" for name, number in software.items()) + "."]
    (folder / "home.md").write_text("\n".join(lines) + "\n")


def _opening(plan: Plan, when: str, *, pinned: bool) -> Iterator[str]:
    names = ", ".join(f"`{name}={value}`" for name, value in shown_settings().items())
    rounds = f"{plan.rounds} {'round' if plan.rounds == 1 else 'rounds'}"
    cpus = "PostgreSQL and wrk share the other CPU" if pinned else "wrk runs on the other CPU, PostgreSQL on both"
    yield "# Comparison of the home screen"
    yield ""
    yield (
        f"Written by `make bench-home` on {when}. Medians of {rounds} of {plan.seconds:g} seconds, with minimum and "
        "maximum in brackets. Servers take turns, and each round begins with another one."
    )
    yield ""
    yield (
        f"[`home.graphql`](../../schema-operations/home.graphql) over HTTP, by wrk on {CONNECTIONS} connections, for "
        f"{CALLERS} people in turn, each with their own token. Only parsed documents, prepared statements and verified "
        "tokens are cached between requests. Unless stated otherwise, one server at a time has load, and runs on one "
        f"CPU; {cpus}. All responses have status 200 and no errors. Before and after the rounds, all servers of one "
        "database sent the same response for each person, value by value."
    )
    yield ""
    yield (
        f"All servers have {names}, so no request is logged. CPU is user and system time of the server's process with "
        "all its threads, divided by the started requests. Database CPU is that of the processes of PostgreSQL that "
        "serve it. “CPUs busy” shows the server's CPU and the other one. If the other one is at 100%, the database "
        "limits requests/s, and the CPU per request describes the server better."
    )
    yield ""


def shown_settings() -> dict[str, str]:
    """Returns the settings that all contenders have."""
    given = ServerSettings("", "").environment()
    return {name: given[name] for name in ("BFF_ENV", "BFF_LOG_LEVEL", "BFF_DATABASE_POOL")}


def _home(results: Results) -> Iterator[str]:
    measured = results.get("home")
    if measured is None:
        return
    yield f"## {next(iter(measured.values())).people:,} people"
    yield ""
    yield from table(measured)
    faster = max((JOINED, LOADERS), key=lambda name: median_of(measured[name], rate))
    yield "| | requests/s | CPU per request |"
    yield "|---|---|---|"
    for other in (STOCK, faster):
        yield (
            f"| {OURS} / {other} | {ratio_of(measured, OURS, other, rate):.2f} "
            f"| {ratio_of(measured, OURS, other, cpu):.2f} |"
        )
    yield ""
    if not hasattr(Settings, "execution"):
        yield f"This version has no setting `BFF_EXECUTION`: “{OURS}” and “{STOCK}” are the same."
        yield ""
    yield (
        "“Mercurius” is [one Node process](../peers/mercurius) with JIT, which has compiled the operation: with people "
        "joined into the rows, by statements like ours, or with people read by DataLoader. The ratios use the faster "
        f"one. Node runs with `{' '.join(NODE_OPTIONS)}`, and `NODE_ENV=production`."
    )
    yield ""


def _growth(results: Results) -> Iterator[str]:
    measured = results.get("growth")
    if measured is None:
        return
    few, many = measured
    yield f"## {few} and {many}"
    yield ""
    yield from table(measured)
    yield (
        f"The CPU per request with {many} is {ratio_of(measured, many, few, cpu):.2f} times that with {few}; the goal "
        f"is at most {_MAX_GROWTH}."
    )
    yield ""


def _processes(results: Results) -> Iterator[str]:
    measured = results.get("processes")
    if measured is None:
        return
    yield "## Two processes"
    yield ""
    yield (
        f"One process has one CPU, and two processes have two. Each process has its own CPU and {PER_CPU} connections "
        "from its own wrk; PostgreSQL and wrk run on the same CPUs. The difference is the cost of the processes to "
        "each other. The p50 of two is their mean, and the p99 their maximum."
    )
    yield ""
    yield from table(measured)
    yield (
        f"The CPU per request with two processes is {ratio_of(measured, TWO, ONE, cpu):.2f} times that with one; the "
        f"goal is at most {_MAX_FOR_TWO}."
    )
    yield ""
