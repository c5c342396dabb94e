"""Measures what limits on rates cost a request: `python -m bench.rates --help`.

Calls the application as a server does, without sockets, with rates on and off in turn: a query that a stored response
answers, and one that is executed each time. With a Redis, its round trips are real; the CPU of this process counts.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from time import process_time_ns
from typing import Any

import orjson
import uvloop
from starlette.types import ASGIApp, Message

from bench.scopes import posted
from bench.world import BenchError
from cli.runtime import tune_garbage_collection
from core.settings import Settings
from core.telemetry import configure_logging
from core.viewer import SignedIn
from gateway.app import create_app
from services.maintenance.migrations import migrate
from services.resources import open_resources

REQUESTS = 400
CONCURRENT = 8
STORED = "{ viewer { __typename } }"
EXECUTED = "{ __typename }"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rates", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="number of rounds (default 60)")
    parser.add_argument("--redis", default="", metavar="URL", help="response store and limits (default: in memory)")
    parsed = parser.parse_args(arguments)
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measure(parsed.rounds, parsed.redis))


async def _measure(rounds: int, redis: str) -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        configure_logging("INFO", stack.enter_context((Path(folder) / "log").open("w")))
        asks = {
            (query, rates): _Asker(app, token, query)
            for rates in ("on", "off")
            for app, token in [await stack.enter_async_context(_application(folder, redis, rates))]
            for query in (STORED, EXECUTED)
        }
        taken: dict[Any, list[float]] = {key: [] for key in asks}
        tune_garbage_collection()
        for _ in range(rounds):
            for key, asker in asks.items():
                taken[key].append(await asker.microseconds())
        for query, name in ((STORED, "a stored response"), (EXECUTED, "an executed operation")):
            on, off = median(taken[query, "on"]), median(taken[query, "off"])
            more = median(a - b for a, b in zip(taken[query, "on"], taken[query, "off"], strict=True))
            sys.stdout.write(f"{name}: {on:.1f} µs with rates, {off:.1f} without, {more:+.1f} µs\n")


@asynccontextmanager
async def _application(folder: str, redis: str, rates: Any) -> AsyncGenerator[tuple[ASGIApp, str]]:
    url = redis or "memory://"
    settings = Settings(
        database_url=f"sqlite://{folder}/{rates}.sqlite3",
        cache_url=url,
        cache_name=f"bench-{rates}",
        cache_explain="off",
        limits_url=redis,
        rates=rates,
        rate_reads="user=1000000000,device=1000000000,address=1000000000,seconds=1",
    )
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _: None)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        resources = app.state.resources
        for part in (resources.responses, resources.buckets):
            while part is not None and not part.is_available:  # noqa: ASYNC110 - it connects in the background
                await asyncio.sleep(0.01)
        yield app, resources.access_tokens.issue(SignedIn(1, 1))[0]


class _Asker:
    """Sends the same request again and again, some at the same time."""

    def __init__(self, app: ASGIApp, token: str, query: str) -> None:
        self._app = app
        self._body = orjson.dumps({"query": query})
        self._scope = posted(
            {
                "host": "127.0.0.1",
                "content-type": "application/json",
                "content-length": str(len(self._body)),
                "accept": "application/json",
                "authorization": f"Bearer {token}",
            }
        )

    async def microseconds(self) -> float:
        """Returns the CPU time of a request."""
        started = process_time_ns()
        await asyncio.gather(*(self._ask_some() for _ in range(CONCURRENT)))
        return (process_time_ns() - started) / 1000 / REQUESTS

    async def _ask_some(self) -> None:
        for _ in range(REQUESTS // CONCURRENT):
            await self._app({**self._scope, "state": {}}, self._receive, _check)

    async def _receive(self) -> Message:
        return {"type": "http.request", "body": self._body, "more_body": False}


async def _check(message: Message) -> None:
    if message.get("status", 200) != 200:  # noqa: PLR2004 - OK
        raise BenchError(f"a request was rejected: {message}")


if __name__ == "__main__":
    main()
