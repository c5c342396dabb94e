"""Calls the application without a server. The rows of its database can be replayed."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import Any, cast

from starlette.types import ASGIApp, Message, Scope

from adapters.database import Queries
from bench.load import CONNECTIONS
from bench.scopes import posted
from bench.world import BenchError
from cli.runtime import tune_garbage_collection
from core.settings import Settings
from core.telemetry import configure_logging
from gateway.app import create_app

Fetch = Callable[..., Any]


class Application:
    """Sends one body for many users in turn, with `CONNECTIONS` concurrent requests."""

    def __init__(self, app: ASGIApp, body: bytes, tokens: Sequence[str]) -> None:
        self._app = app
        self._body = body
        self._tokens = tokens

    async def microseconds(self, requests: int) -> float:
        """Returns the CPU time per request of this process."""
        tokens = islice(cycle(self._tokens), requests)
        started = time.process_time()
        await asyncio.gather(*(self._ask_all(tokens) for _ in range(CONNECTIONS)))
        return (time.process_time() - started) * 1e6 / requests

    async def seconds(self, token: str) -> float:
        """Returns the seconds of one request, with its wait for the database."""
        started = time.perf_counter()
        await self.ask(token)
        return time.perf_counter() - started

    async def _ask_all(self, tokens: "islice[str]") -> None:
        for token in tokens:
            await self.ask(token)

    async def ask(self, token: str, body: bytes | None = None) -> None:
        """Sends a request, with a body of its own or that of all. Raises `BenchError` if the response has errors."""
        messages: list[Message] = []
        sent = self._body if body is None else body

        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(self._scope(token, len(sent)), receive, send)
        if messages[0]["status"] != 200 or b'"errors":' in messages[1]["body"]:  # noqa: PLR2004 - OK
            raise BenchError(f"in process: {messages[1]['body'][:300].decode()}")

    def _scope(self, token: str, length: int) -> Scope:
        headers = {
            "host": "127.0.0.1",
            "content-type": "application/json",
            "content-length": str(length),
            "accept": "application/json",
            "authorization": f"Bearer {token}",
        }
        return {**posted(headers), "state": {}}


@asynccontextmanager
async def opened(settings: Settings, body: bytes, tokens: Sequence[str]) -> AsyncGenerator[Application]:
    configure_logging(settings.log_level)
    app = create_app(settings)
    tune_garbage_collection()
    async with app.router.lifespan_context(app):
        yield Application(app, body, tokens)


class Tape:
    """Records the rows of all statements. A replay returns them without the database."""

    def __init__(self) -> None:
        self._fetch: Fetch = Queries.fetch
        # The garbage collector skips tuples of rows, so a long tape does not slow down other runs.
        self._rows: dict[tuple[Any, ...], tuple[dict[str, Any], ...]] = {}

    def record(self) -> None:
        tape = self

        async def fetch(self: Queries, sql: Any, *values: object) -> list[Any]:
            rows = await tape._fetch(self, sql, *values)
            tape._rows[_key(sql, values)] = tuple(dict(row) for row in rows)
            return rows

        Queries.fetch = fetch

    def replay(self) -> None:
        if not self._rows:
            raise BenchError("no statement went through Queries.fetch: there is nothing to replay")
        recorded = self._rows

        async def fetch(self: Queries, sql: Any, *values: object) -> list[Any]:  # noqa: ARG001 - it replaces a method
            await asyncio.sleep(0)
            return [dict(row) for row in recorded[_key(sql, values)]]

        Queries.fetch = fetch

    def stop(self) -> None:
        Queries.fetch = self._fetch


def _key(sql: Any, values: tuple[object, ...]) -> tuple[Any, ...]:
    return (sql, *(tuple(cast(list[Any], value)) if isinstance(value, list) else value for value in values))
