"""The wire rules of native clients for live updates, while the connection is lost and the server is replaced.

They subscribe again after the last cursor, as the examples do. What is sent and how it is read is in the tests of each
client's rules.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response, TransportError
from websockets.exceptions import WebSocketException

from tests.clients import test_wire_flutter as flutter
from tests.clients import test_wire_ios as ios
from tests.clients import test_wire_kotlin as kotlin
from tests.clients.features import proves
from tests.clients.live_stage import BEGIN, EVENTS, PART, LiveStage
from tests.support.followers import VIEWER_EVENTS
from tests.support.sockets import opened
from tests.support.timing import HANG_SECONDS, no_hang

BOUNDARY = "\r\n--graphql"

Reader = Callable[[Response], list[Any]]


@pytest.mark.parametrize(("accept", "version"), [(ios.V1_EVENTS, "read_as_1"), (ios.V2_EVENTS, "read_as_2")])
@proves(ios.IOS, "resume")
async def test_an_app_with_apollo_ios_receives_all_events(live: LiveStage, accept: str, version: str) -> None:
    def read(answer: Response) -> list[Any]:
        return ios.READERS[version](answer, "subscriptionSpec=1.0")

    await receives_all(live, over_multipart(live, ios.headers(accept, operation="ViewerEvents"), read))


@proves(kotlin.KOTLIN, "resume")
async def test_an_app_with_apollo_kotlin_receives_all_events(live: LiveStage) -> None:
    def read(answer: Response) -> list[Any]:
        return kotlin.read_parts(Response(200, headers=answer.headers, content=answer.content + b"--"))

    await receives_all(live, over_multipart(live, kotlin.headers(kotlin.EVENTS), read))


@proves(flutter.FLUTTER, "resume")
async def test_an_app_with_flutter_receives_all_events(live: LiveStage) -> None:
    """The client repeats the request with the same id; the serializer of the example changes the cursor."""
    await receives_all(live, over_websockets(live))


async def receives_all(live: LiveStage, following: AsyncGenerator[Any]) -> None:
    """Receives the events while the server and the network change."""
    changes = {PART // 2: live.cut, 3 * PART // 2: live.append, 5 * PART // 2: live.restart}
    received: list[datetime] = []
    async with no_hang(), aclosing(following) as payloads:
        async for payload in payloads:
            assert payload["event"]["post"]["author"]["handle"] == "ben"
            received.append(datetime.fromisoformat(payload["occurredAt"]))
            if change := changes.get(len(received)):
                await change()
            if len(received) == EVENTS:
                break
    assert received == [BEGIN + timedelta(seconds=number) for number in range(EVENTS)]


async def over_multipart(live: LiveStage, headers: dict[str, str], read: Reader) -> AsyncGenerator[Any]:
    """Yields the payloads of responses. The next one begins after the last payload when one ends."""
    named = {**headers, "Authorization": f"Bearer {await live.token()}"}
    after = await first_cursor(live)
    async with AsyncClient(base_url=live.address, headers=named, timeout=HANG_SECONDS) as http:
        while True:
            sent = {"operationName": "ViewerEvents", "query": VIEWER_EVENTS, "variables": {"after": after}}
            with suppress(TransportError):
                async with http.stream("POST", "/graphql", json=sent) as response:
                    async for payload in parts(response, read):
                        after = payload["cursor"]
                        yield payload


async def parts(response: Response, read: Reader) -> AsyncGenerator[Any]:
    """Yields the payloads before each boundary that has arrived. The last part of a server that stops has none."""
    waiting = ""
    async for text in response.aiter_text():
        complete, boundary, rest = (waiting + text).rpartition(BOUNDARY)
        waiting = f"{boundary}{rest}"
        so_far = Response(200, headers=response.headers, content=f"{complete}{boundary}".encode())
        for part in read(so_far) if boundary else ():
            if part["payload"] is not None:
                yield part["payload"]["data"]["viewerEvents"]


async def over_websockets(live: LiveStage) -> AsyncGenerator[Any]:
    """Yields the payloads of WebSockets. The next one subscribes after the last payload when one is closed."""
    asked, token, after = str(uuid4()), await live.token(), await first_cursor(live)
    while True:
        with suppress(OSError, WebSocketException):
            async with opened(live.proxied, Authorization=f"Bearer {token}") as client:
                sent = flutter.body(VIEWER_EVENTS, after=after)
                await client.say(type="subscribe", id=asked, payload=sent)
                while True:
                    payload = (await client.hear())["payload"]["data"]["viewerEvents"]
                    after = payload["cursor"]
                    yield payload


async def first_cursor(live: LiveStage) -> str:
    """Returns the position of ana, after which events are appended."""
    headers = {"Authorization": f"Bearer {await live.token()}"}
    answer = await live.server.http.post("/graphql", json={"query": "{ viewer { liveCursor } }"}, headers=headers)
    await live.append()
    return answer.json()["data"]["viewer"]["liveCursor"]
