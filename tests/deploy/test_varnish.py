"""Varnish with the configuration of deploy/, in front of a server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx2 import AsyncClient, AsyncHTTPTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import Settings
from gateway.http.caching import MAX_TAG_BYTES, SharedCaching
from tests.deploy.conftest import schema_with_addresses
from tests.support.headers_server import serving_application
from tests.support.programs import free_port
from tests.support.proxies import required
from tests.support.server import serving
from tests.support.sockets import TRANSPORT_WS, SocketClient
from tests.support.timing import HANG_SECONDS, no_hang
from tests.support.varnish import varnish

FOREVER = "subscription { forever { number } }"
EVENT = 'event: next\ndata: {"data":{"forever":{"number":0}}}\n\n'
TAGS = "Post:1 User:12345".ljust(MAX_TAG_BYTES - 9, "5") + " Post:222"


@pytest.fixture(autouse=True)
def program() -> None:
    required("varnishd")


@pytest.fixture
async def front(behind: Settings, tmp_path: Path) -> AsyncGenerator[AsyncClient]:
    """Yields a client of Varnish in front of a server."""
    async with (
        serving(behind, schema_with_addresses()) as server,
        varnish(tmp_path, server.address, free_port()) as http,
    ):
        yield http


class Origin:
    """Responds like the server, with as many tags as it may send, and counts requests."""

    def __init__(self, seconds: int, stale_seconds: int) -> None:
        self.requests = 0
        self._caching = SharedCaching(seconds, stale_seconds, TAGS)

    async def respond(self, _request: Request) -> Response:
        self.requests += 1
        return Response(str(self.requests), headers=self._caching.headers())


@asynccontextmanager
async def fronted(origin: Origin, folder: Path, token: str = "") -> AsyncGenerator[AsyncClient]:
    app = Starlette(routes=[Route("/post", origin.respond)])
    async with serving_application(app) as address, varnish(folder, address, free_port(), token) as http:
        yield http


async def test_a_websocket_passes(front: AsyncClient) -> None:
    url = f"ws://{front.base_url.netloc.decode()}/graphql"
    async with no_hang(), connect(url, subprotocols=[Subprotocol(TRANSPORT_WS)]) as raw:
        client = SocketClient(raw)
        await client.init()
        assert (await client.answers("{ hello }"))[0]["payload"] == {"data": {"hello": "world"}}
        await client.subscribe(FOREVER, "2")
        assert (await client.hear())["payload"] == {"data": {"forever": {"number": 0}}}


async def test_an_event_stream_is_not_buffered(front: AsyncClient) -> None:
    """The server sends nothing more after the first event, except heartbeats."""
    headers = {"Accept": "text/event-stream"}
    for options in ({"method": "POST", "json": {"query": FOREVER}}, {"method": "GET", "params": {"query": FOREVER}}):
        async with no_hang(), front.stream(url="/graphql", headers=headers, **options) as response:  # type: ignore[arg-type]
            text = ""
            async for chunk in response.aiter_text():
                text += chunk
                if EVENT in text:
                    break
            assert response.headers["x-cache-status"] == "PASS"
        assert EVENT in text


async def test_the_client_address_is_that_which_the_proxy_in_front_names(front: AsyncClient) -> None:
    headers = {"X-Forwarded-For": "203.0.113.7"}
    answer = await front.post("/graphql", json={"query": "{ address }"}, headers=headers)
    assert answer.json() == {"data": {"address": "203.0.113.7"}}


async def test_a_server_that_does_not_respond_is_an_error_that_apps_understand(tmp_path: Path) -> None:
    async with varnish(tmp_path, f"127.0.0.1:{free_port()}", free_port()) as http:
        for method in ("GET", "POST"):
            answer = await http.request(method, "/graphql")
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
            assert (answer.headers["content-type"], answer.headers["retry-after"]) == ("application/json", "1")


async def test_a_response_with_the_most_tags_is_stored_and_purged_by_the_last_of_them(tmp_path: Path) -> None:
    assert len(TAGS) == MAX_TAG_BYTES
    origin = Origin(60, 0)
    async with fronted(origin, tmp_path) as http:
        assert [(await http.get("/post")).text for _ in range(2)] == ["1", "1"]
        purged = await http.request("PURGE", "/", headers={"xkey-purge": "Post:9 Post:222"})
        assert (purged.status_code, purged.headers["x-purged"]) == (200, "1")
        assert (await http.get("/post")).text == "2"


async def test_without_a_token_only_listed_clients_purge_and_only_directly(tmp_path: Path) -> None:
    origin = Origin(60, 0)
    purge = {"xkey-purge": "Post:1"}
    async with fronted(origin, tmp_path) as http:
        assert (await http.get("/post")).text == "1"
        transport = AsyncHTTPTransport(local_address="127.0.0.9")
        async with AsyncClient(base_url=http.base_url, transport=transport, timeout=HANG_SECONDS) as stranger:
            assert (await stranger.request("PURGE", "/", headers=purge)).status_code == 403
        for address in ("203.0.113.7", "127.0.0.1"):
            forwarded = await http.request("PURGE", "/", headers=purge | {"X-Forwarded-For": address})
            assert forwarded.status_code == 403
        assert (await http.request("PURGE", "/")).status_code == 400
        assert (await http.get("/post")).text == "1"
        assert (await http.request("PURGE", "/", headers=purge)).status_code == 200
        assert (await http.get("/post")).text == "2"


async def test_a_stale_response_is_sent_while_it_is_renewed_and_never_after_its_purge(tmp_path: Path) -> None:
    origin = Origin(1, 60)
    async with fronted(origin, tmp_path) as http:
        assert (await http.get("/post")).text == "1"
        await asyncio.sleep(1.2)
        stale = await http.get("/post")
        assert (stale.text, stale.headers["x-cache-status"]) == ("1", "HIT")
        async with no_hang():
            while origin.requests < 2:  # noqa: ASYNC110 - Varnish requests it in the background
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.2)
        await http.request("PURGE", "/", headers={"xkey-purge": "Post:1"})
        assert (await http.get("/post")).text == "3"
