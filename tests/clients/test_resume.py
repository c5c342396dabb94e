"""Clients that follow live updates while their connection is lost and the server is replaced."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient, Response, TransportError

from tests.clients.features import proves
from tests.clients.live_stage import BEGIN, EVENTS, PART, LiveStage
from tests.clients.manifests import compile_relay
from tests.clients.programs import run_program
from tests.clients.test_wire_ios import READERS, V1_EVENTS, V2_EVENTS, headers
from tests.support.followers import VIEWER_EVENTS
from tests.support.timing import HANG_SECONDS, no_hang

BOUNDARY = "\r\n--graphql"

Reader = Callable[[Response, str], list[Any]]


async def receives_all(live: LiveStage, client: str) -> None:
    given: dict[str, Any] = {**live.given, "token": await live.token(), "client": client}
    assert await run_program("resume.js", given, live.wishes) == {"resume"}


@proves("Apollo Client", "resume")
async def test_apollo_client_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "Apollo Client")


@proves("urql", "resume")
async def test_urql_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "urql")


@proves("Relay", "resume")
async def test_relay_receives_all_events(live: LiveStage) -> None:
    await compile_relay()
    await receives_all(live, "Relay")


@proves("graphql-sse", "resume")
async def test_graphql_sse_receives_all_events(live: LiveStage) -> None:
    await receives_all(live, "graphql-sse")


@pytest.mark.parametrize(("accept", "read"), [(V1_EVENTS, "read_as_1"), (V2_EVENTS, "read_as_2")])
@proves("Apollo iOS", "resume")
async def test_an_app_with_apollo_ios_receives_all_events(live: LiveStage, accept: str, read: str) -> None:
    """Over multipart HTTP, whose stream ends with its connection: the app subscribes again after the last cursor."""
    after_number = {PART // 2: live.cut, 3 * PART // 2: live.append, 5 * PART // 2: live.restart}
    received: list[datetime] = []
    async with no_hang(), aclosing(payloads(live, accept, READERS[read])) as events:
        async for payload in events:
            assert payload["event"]["post"]["author"]["handle"] == "ben"
            received.append(datetime.fromisoformat(payload["occurredAt"]))
            if change := after_number.get(len(received)):
                await change()
            if len(received) == EVENTS:
                break
    assert received == [BEGIN + timedelta(seconds=number) for number in range(EVENTS)]


async def payloads(live: LiveStage, accept: str, read: Reader) -> AsyncGenerator[Any]:
    """Yields the payloads of ana's events, from now on. Subscribes again whenever a stream ends."""
    named = {**headers(accept, operation="ViewerEvents"), "Authorization": f"Bearer {await live.token()}"}
    async with AsyncClient(base_url=live.address, headers=named, timeout=HANG_SECONDS) as http:
        answer = await http.post("/graphql", json={"query": "{ viewer { liveCursor } }"})
        after = answer.json()["data"]["viewer"]["liveCursor"]
        await live.append()
        while True:
            sent = {"operationName": "ViewerEvents", "query": VIEWER_EVENTS, "variables": {"after": after}}
            with suppress(TransportError):
                async with http.stream("POST", "/graphql", json=sent) as stream:
                    async for payload in parts(stream, read):
                        after = payload["data"]["viewerEvents"]["cursor"]
                        yield payload["data"]["viewerEvents"]


async def parts(stream: Response, read: Reader) -> AsyncGenerator[Any]:
    """Yields payloads up to each boundary that has arrived. The last part of a server that stops has none."""
    waiting = ""
    async for text in stream.aiter_text():
        complete, boundary, waiting = (waiting + text).rpartition(BOUNDARY)
        so_far = Response(200, headers=stream.headers, content=f"{complete}{boundary}".encode())
        for part in read(so_far, "subscriptionSpec=1.0") if boundary else ():
            if part["payload"] is not None:
                yield part["payload"]
