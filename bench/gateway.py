"""Measures the gateway with a cached operation, without its execution: `python -m bench.gateway --help`.

Calls the application as a server does, but without sockets. The requests are for the home screen, with an access
token. The executor returns a prepared result.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time_ns

import orjson
import uvloop
from graphql import ExecutionResult
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Scope

from bench.scopes import posted
from cli.runtime import tune_garbage_collection
from core.client import Client
from core.project import PROJECT
from core.settings import Settings
from core.telemetry import configure_logging
from core.viewer import SignedIn
from engine.for_strawberry import StrawberryExecutor
from gateway.app import create_app, open_operations
from gateway.callers.addresses import AddressReader
from gateway.callers.clients import ClientReader
from gateway.callers.reader import CallerReader
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Documents
from gateway.http.compression import CODINGS
from gateway.http.request_log import log_request
from gateway.http.responses import json_response
from gateway.request_facts import RequestFacts
from gateway.requests.graphql_request import GraphQLRequest
from gateway.requests.reader import RequestReader
from resolvers.schema import build_schema
from services.maintenance.migrations import migrate
from services.resources import Resources, open_resources

ANSWER = orjson.dumps(orjson.loads((PROJECT / "tests/feed/home-of-ana.json").read_bytes()))
BODY = orjson.dumps({"query": (PROJECT / "schema-operations/home.graphql").read_text(), "operationName": "Home"})
PAGE = PROJECT / "bench/results/gateway.md"
REQUESTS = 300
MAX_MICROSECONDS = 100
ALL = "all, without compression"

Timed = Callable[[], Awaitable[object]]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, metavar="N", help="number of rounds (default 40)")
    rounds = parser.parse_args(arguments).rounds
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_measure(rounds))
    PAGE.write_text(_page(found, rounds))
    sys.stdout.write(PAGE.read_text())


async def _measure(rounds: int) -> Mapping[str, float]:
    """Returns the microseconds of each part, as medians of rounds."""
    async with _application() as (app, resources):
        token, _ = resources.access_tokens.issue(SignedIn(1, 1))
        parts = {**_wholes(app, token), **await _parts(resources, token)}
        tune_garbage_collection()
        taken: dict[str, list[float]] = {name: [] for name in parts}
        for _ in range(rounds):
            for name, part in parts.items():
                taken[name].append(await _microseconds(part))
    return {name: median(times) for name, times in taken.items()}


async def _microseconds(part: Timed) -> float:
    started = process_time_ns()
    for _ in range(REQUESTS):
        await part()
    return (process_time_ns() - started) / 1000 / REQUESTS


@asynccontextmanager
async def _application() -> AsyncGenerator[tuple[ASGIApp, Resources]]:
    """Yields the application with an empty database, a log file, and an executor with a prepared result."""
    ready = ExecutionResult(orjson.loads(ANSWER)["data"], None)

    def execute_nothing(*_: object, **_named: object) -> ExecutionResult:
        return ready

    StrawberryExecutor.execute_operation = execute_nothing
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w") as log:
        settings = Settings(database_url=f"sqlite://{folder}/empty.sqlite3", graphiql=True)
        async with open_resources(settings) as resources:
            await migrate(resources.database, lambda _: None)
        configure_logging("INFO", log)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            yield app, app.state.resources


def _scope(token: str, coding: str) -> Scope:
    headers = {
        "host": "127.0.0.1",
        "user-agent": "app/1.0",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept": "multipart/mixed;deferSpec=20220824,application/graphql-response+json, application/json",
        "accept-encoding": coding,
        "apollographql-client-name": "ios",
        "apollographql-client-version": "1.0",
        "authorization": f"Bearer {token}",
    }
    return posted(headers)


async def _receive() -> Message:
    return {"type": "http.request", "body": BODY, "more_body": False}


def _wholes(app: ASGIApp, token: str) -> Mapping[str, Timed]:
    """Returns whole requests, by the content coding of their responses."""

    def asking(coding: str) -> Timed:
        scope = _scope(token, coding)

        async def ask() -> None:
            await app({**scope, "state": {}}, _receive, _check)

        return ask

    return {ALL: asking("identity"), **{f"all, with {coding}": asking(coding) for coding in CODINGS}}


async def _check(message: Message) -> None:
    assert message.get("status", 200) == 200  # noqa: PLR2004, S101 - a rejected request must not be measured


async def _parts(resources: Resources, token: str) -> Mapping[str, Timed]:
    scope: Scope = {**_scope(token, "identity"), "state": {}}
    facts = RequestFacts(Client("ios", "1.0", "ios"), "Home")
    request = Request(scope, _receive)
    operations = open_operations(resources.settings, Documents(build_schema(), DocumentLimits.of(resources.settings)))
    callers = CallerReader(AddressReader([]), ClientReader({}))
    requests = RequestReader(1)
    graphql_request, caller = requests.parse(await requests.read_body(request)), callers.read(scope, resources)
    assert isinstance(graphql_request, GraphQLRequest)  # noqa: S101 - for the type checker
    operation = await operations.prepare(graphql_request, caller, resources)
    body = await operations.execute(operation, caller, resources)

    async def read() -> None:
        requests.parse(await requests.read_body(Request(scope, _receive)))

    async def calling(call: Callable[[], object]) -> None:
        call()

    return {
        "reading the request": read,
        "caller": lambda: calling(lambda: callers.read(scope, resources)),
        "finding the document": lambda: operations.prepare(graphql_request, caller, resources),
        "context, prepared result, its body": lambda: operations.execute(operation, caller, resources),
        "writing JSON": lambda: calling(lambda: json_response(body)),
        "log line": lambda: calling(lambda: log_request(scope, facts, 200, 0.001)),
        **{
            f"compressing with {name}": lambda compress=compress: calling(lambda: compress(ANSWER))
            for name, compress in CODINGS.items()
        },
    }


def _sized(name: str) -> str:
    return f"{name}, to {len(CODINGS[name.rsplit(maxsplit=1)[-1]](ANSWER)):,} bytes"


def _page(found: Mapping[str, float], rounds: int) -> str:
    wholes = {name: taken for name, taken in found.items() if name.startswith("all")}
    parts = {name: taken for name, taken in found.items() if not name.startswith(("all", "compressing"))}
    rest = found[ALL] - sum(parts.values())
    missed = [name for name, taken in wholes.items() if taken > MAX_MICROSECONDS]
    reached = f"is not reached by: {'; '.join(missed)}" if missed else "is reached by all of them"
    rows = [
        *(f"| {name} | {taken:.0f} |" for name, taken in parts.items()),
        f"| remainder: middleware, headers, dispatch, sending | {rest:.0f} |",
        *(f"| {_sized(name)} | {taken:.0f} |" for name, taken in found.items() if name.startswith("compressing")),
        *(f"| **{name}** | **{taken:.0f}** |" for name, taken in wholes.items()),
    ]
    table = "\n".join(rows)
    return f"""\
# The gateway without execution

Written by `make bench-gateway` on {datetime.now(UTC).date().isoformat()}. CPU microseconds of a request for the home
screen ({len(BODY):,} bytes; {len(ANSWER):,} bytes in the response), with an access token and a log line, without
execution and sockets. Medians of {rounds} rounds of {REQUESTS} requests.

| Part | µs |
|---|---|
{table}

The goal of at most {MAX_MICROSECONDS} µs {reached}.
"""


if __name__ == "__main__":
    main()
