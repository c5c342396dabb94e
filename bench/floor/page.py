"""Writes the results as a page and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from bench.bars import bars
from bench.cases import Measured, Plan
from bench.floor.contenders import BARE, MERCURIUS, OURS, YOGA, YOGA_FOLDER
from bench.floor.goals import goals
from bench.floor.operations import TITLES
from bench.load import CONNECTIONS
from bench.report import shown_settings, versions
from bench.servers import NODE_OPTIONS
from bench.tables import cpu, rate, ratio_of, table
from bench.world import CALLERS


@dataclass(frozen=True, slots=True)
class Result:
    """The samples of an operation by contender, and its statements per request."""

    measured: Mapping[str, Measured]
    statements: float


Results = Mapping[str, Result]


def write(folder: Path, results: Results, plan: Plan, admin_url: str, *, pinned: bool) -> None:
    """Writes the page, its values as JSON, and a picture of them to a folder."""
    when = datetime.now(UTC).date().isoformat()
    people = next(found.people for result in results.values() for found in result.measured.values())
    yoga = orjson.loads((YOGA_FOLDER / "package.json").read_bytes())["dependencies"]["graphql-yoga"]
    software = {**versions(admin_url), "graphql-yoga": yoga}
    data = {
        "date": when,
        "rounds": plan.rounds,
        "seconds": plan.seconds,
        "connections": CONNECTIONS,
        "people": people,
        "asking": CALLERS,
        "postgres_pinned": pinned,
        "versions": software,
        "operations": {name: asdict(result) for name, result in results.items()},
    }
    (folder / "floor.json").write_text(json.dumps(data, indent=2) + "\n")
    (folder / "floor.svg").write_text(picture(data))
    samples = {name: result.measured for name, result in results.items()}
    lines = [*_opening(plan, when, people, pinned=pinned), *_ratios(results), *goals(samples), *_operations(results)]
    lines += ["## Versions", "", ", ".join(f"{name} {number}" for name, number in software.items()) + "."]
    (folder / "floor.md").write_text("\n".join(lines) + "\n")


def picture(data: Mapping[str, Any]) -> str:
    """Returns the CPU per request by operation and server."""
    groups = {
        TITLES[name]: {
            server: 1e3 * median(sample["cpu_ms"] for sample in found["samples"])
            for server, found in operation["measured"].items()
        }
        for name, operation in data["operations"].items()
    }
    return bars("CPU of the server per request", "microseconds", groups)


def _opening(plan: Plan, when: str, people: int, *, pinned: bool) -> Iterator[str]:
    rounds = f"{plan.rounds} {'round' if plan.rounds == 1 else 'rounds'}"
    names = ", ".join(f"`{name}={value}`" for name, value in shown_settings().items())
    cpus = "PostgreSQL and wrk share the other CPU" if pinned else "wrk runs on the other CPU, PostgreSQL on both"
    yield "# Operations of different sizes, beside other servers"
    yield ""
    yield (
        f"Written by `make bench-floor` on {when}. Medians of {rounds} of {plan.seconds:g} seconds, with minimum and "
        "maximum in brackets. Servers take turns, and each round begins with another one."
    )
    yield ""
    yield (
        f"Each operation by POST over HTTP, by wrk on {CONNECTIONS} connections, for {CALLERS} of {people:,} people in "
        "turn, each with their own token. Home, Search and Thread are [those of the apps](../../schema-operations). "
        "Thread and `node` read a post of the person's feed; Search has a word of it, or the beginning of its author's "
        "handle. Only parsed documents, prepared statements and verified tokens are cached between "
        f"requests. One server at a time has load, and runs on one CPU; {cpus}. Before and after the rounds, all "
        "servers sent the same response for each person, value by value."
    )
    yield ""
    yield (
        f"“{OURS}” is `bff serve`. “{MERCURIUS}” is [one Node process](../peers/mercurius) with JIT, which has "
        f"compiled the operation. “{YOGA}” is [one Node process](../peers/yoga-cached) with the same resolvers, which "
        "graphql-js executes, without a cache of responses. Both execute the statements of ours, which the program "
        "records before: with the same tables, joins and columns, as subqueries that only rename columns. A relay "
        "between each server and PostgreSQL counted the same executions of each statement. Where statements do not "
        f"depend on each other, the Node servers send them at the same time. “{BARE}” is uvicorn with an application "
        f"that sends the same headers and bodies from memory. All servers have {names}, so no request is logged. Node "
        f"runs with `{' '.join(NODE_OPTIONS)}`, and `NODE_ENV=production`."
    )
    yield ""
    yield (
        "CPU is user and system time of the server's process with all its threads, divided by the started requests. "
        "Database CPU is that of the processes of PostgreSQL that serve it. “CPUs busy” shows the server's CPU and the "
        "other one. If the other one is at 100%, the database or wrk limits requests/s, and the CPU per request "
        "describes the server better."
    )
    yield ""


def _ratios(results: Results) -> Iterator[str]:
    others = (MERCURIUS, YOGA, BARE)
    yield "## Ratios"
    yield ""
    yield f"Ratios of {OURS} to each other server. Above 1, requests/s are a gain; CPU per request is one below 1."
    yield ""
    heads = " | ".join(f"requests/s, {name} | CPU, {name}" for name in others)
    yield f"| | statements | {heads} |"
    yield f"|---|---|{'---|---|' * len(others)}"
    for name, result in results.items():
        cells = " | ".join(
            f"{ratio_of(result.measured, OURS, other, what):.2f}" for other in others for what in (rate, cpu)
        )
        yield f"| {TITLES[name]} | {result.statements:.2f} | {cells} |"
    yield ""


def _operations(results: Results) -> Iterator[str]:
    for name, result in results.items():
        yield f"## {TITLES[name]}"
        yield ""
        yield from table(result.measured, cpu_digits=3)
