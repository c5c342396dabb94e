"""Runs generated requests against the application."""

from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from graphql import GraphQLSchema
from httpx2 import ASGITransport, AsyncClient, Response

from core.viewer import SignedIn
from gateway.app import create_app
from resolvers.schema import build_schema
from tests.gateway.fuzzing.checks import problems
from tests.gateway.fuzzing.documents import documents
from tests.gateway.fuzzing.requests import FuzzRequest, Values, request_of
from tests.support.client import Client
from tests.support.statements import recorded
from tests.support.timing import settings_for

_OBJECTS = """
{ viewer { user { id } devices { edges { cursor node { id } } } paymentMethods { edges { node { id } } } wallet { id }
    feed(first: 30) { edges { cursor node { id author { id handle } comments(first: 3) { edges { node { id } } } } } }
    notifications(first: 20) { edges { cursor node { id } } } payments(first: 20) { edges { cursor node { id } } }
} }
"""
_NAMES = {"id": ("id",), "ids": ("id",), "after": ("cursor",), "since": ("cursor",), "handle": ("handle",)}
_WORDS = ("ana", "train", "bread", "the", "a b", '"a')


class Failure(NamedTuple):
    """A fault in the response to a request."""

    request: FuzzRequest
    problems: list[str]
    response: str

    def __str__(self) -> str:
        return f"{'; '.join(self.problems)}\n{self.request}\n{self.response[:2000]}"


class Fuzzer:
    """Sends requests one after another. A caller whose device was signed out gets another device."""

    def __init__(self, client: Client, schema: GraphQLSchema, statements: list[str]) -> None:
        self._client = client
        self._schema = schema
        self._statements = statements
        self._devices: Counter[str] = Counter()
        self._users: dict[str, int] = {}
        self.codes: Counter[str] = Counter()
        """The number of responses by their first code. Those without errors have an empty text."""

    async def run(self, count: int, seed: int) -> AsyncGenerator[Failure]:
        """Sends `count` requests, and yields each failure."""
        values = await self._values()
        for number, text in enumerate(documents(self._schema, count, seed), seed * 1_000_000):
            request = request_of(self._schema, text, number, values)
            self._statements.clear()
            response = await self._send(request)
            found = list(problems(self._schema, request, response, self._statements))
            self._note(request, response)
            if found:
                yield Failure(request, found, response.text)

    async def _send(self, request: FuzzRequest) -> Response:
        headers = {"Accept": request.accept}
        if request.handle is not None:
            headers["Authorization"] = f"Bearer {await self._token(request.handle)}"
            self._statements.clear()
        http = self._client.http
        if request.method == "GET":
            return await http.get("/graphql", params=request.query_string(), headers=headers)
        return await http.post("/graphql", json=request.parameters(), headers=headers)

    async def _token(self, handle: str) -> str:
        if handle not in self._users:
            self._users[handle] = await self._client.user_id(handle)
        viewer = SignedIn(self._users[handle], 1 + self._devices[handle])
        return self._client.resources.access_tokens.issue(viewer)[0]

    def _note(self, request: FuzzRequest, response: Response) -> None:
        codes: list[str] = [error["extensions"]["code"] for error in response.json().get("errors", ())]
        self.codes[next(iter(codes), "")] += 1
        if "UNAUTHENTICATED" in codes and request.handle is not None:
            self._devices[request.handle] += 1

    async def _values(self) -> Values:
        """Returns ids, cursors and handles of objects that the callers see."""
        found: list[tuple[str, str]] = []
        for handle in ("ana", "ben"):
            found += _texts(await self._client.data(_OBJECTS, as_=handle))
        values = {name: sorted({text for key, text in found if key in keys}) for name, keys in _NAMES.items()}
        return {**values, "query": _WORDS, "idempotencyKey": ("a", "b")}


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, str):
            yield str(key), inner
        elif isinstance(inner, dict | list):
            yield from _texts(inner)


@asynccontextmanager
async def fuzzing(database_url: str) -> AsyncGenerator[Fuzzer]:
    """Yields a fuzzer of the product on a seeded database."""
    schema = build_schema()
    app = create_app(settings_for(database_url), schema=schema)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            with recorded() as statements:
                yield Fuzzer(Client(http, app.state.resources), schema._schema, statements)
