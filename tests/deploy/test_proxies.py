"""HAProxy and nginx, with the configurations of deploy/, in front of two servers."""

import asyncio
import json
from pathlib import Path

import pytest
from httpx2 import AsyncClient, AsyncHTTPTransport, Response
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import Settings
from tests.deploy.conftest import Front, schema_with_addresses
from tests.support import proxies
from tests.support.headers_server import serving_headers
from tests.support.live import live_schema
from tests.support.programs import free_port
from tests.support.server import serving
from tests.support.sockets import TRANSPORT_WS, SocketClient
from tests.support.timing import HANG_SECONDS, no_hang

FOREVER = "subscription { forever { number } }"
EVENT = 'event: next\ndata: {"data":{"forever":{"number":0}}}\n\n'
PART = '{"payload":{"data":{"forever":{"number":0}}}}'


async def asked(http: AsyncClient, query: str = "{ hello }", **headers: str) -> Response:
    async with no_hang():
        return await http.post("/graphql", json={"query": query}, headers=headers)


def code(response: Response) -> str:
    """Returns the code of the error of a whole request."""
    (error,) = response.json()["errors"]
    assert error["message"]
    assert error["extensions"]["retryable"] is True
    assert int(response.headers["retry-after"]) == error["extensions"]["retryAfter"]
    assert response.headers["content-type"] == "application/json"
    return error["extensions"]["code"]


async def test_the_program_accepts_the_configuration(program: str, tmp_path: Path) -> None:
    status, output = await proxies.check(program, tmp_path)
    assert status == 0, output
    assert "WARNING" not in output, output
    assert "[warn]" not in output, output


async def test_clients_speak_http_2_and_learn_to_use_tls(front: Front) -> None:
    async with front.proxy.client() as http:
        response = await asked(http)
        assert (response.http_version, response.json()) == ("HTTP/2", {"data": {"hello": "world"}})
    async with front.proxy.client(http2=False) as http:
        assert (await asked(http)).http_version == "HTTP/1.1"
    async with AsyncClient(base_url=f"http://localhost:{front.proxy.http}", timeout=HANG_SECONDS) as http:
        moved = await asked(http)
        assert (moved.status_code, moved.headers["location"].partition(":")[0]) == (308, "https")


async def test_an_event_stream_is_not_buffered(front: Front) -> None:
    """The server sends nothing more after the first event, except heartbeats."""
    for accept, ending in (("text/event-stream", EVENT), ("multipart/mixed;subscriptionSpec=1.0", PART)):
        async with no_hang(), front.proxy.client() as http:
            stream = http.stream("POST", "/graphql", json={"query": FOREVER}, headers={"Accept": accept})
            async with stream as response:
                text = ""
                async for chunk in response.aiter_text():
                    text += chunk
                    if ending in text:
                        break
        assert ending in text


async def test_a_websocket_passes(front: Front) -> None:
    url = f"wss://localhost:{front.proxy.https}/graphql"
    async with no_hang(), connect(url, ssl=front.proxy.tls, subprotocols=[Subprotocol(TRANSPORT_WS)]) as raw:
        client = SocketClient(raw)
        await client.init()
        assert (await client.answers("{ hello }"))[0]["payload"] == {"data": {"hello": "world"}}
        await client.subscribe(FOREVER, "2")
        assert (await client.hear())["payload"] == {"data": {"forever": {"number": 0}}}


async def test_the_client_address_is_that_of_the_client_of_the_proxy(front: Front) -> None:
    transport = AsyncHTTPTransport(verify=front.proxy.tls, http2=True, local_address="127.0.0.9")
    async with AsyncClient(base_url=front.proxy.url, transport=transport, timeout=HANG_SECONDS) as http:
        forged = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
        response = await asked(http, "{ address }", **forged)
    assert response.json() == {"data": {"address": "127.0.0.9"}}
    url = f"wss://localhost:{front.proxy.https}/graphql"
    async with no_hang(), connect(url, ssl=front.proxy.tls, subprotocols=[Subprotocol(TRANSPORT_WS)]) as raw:
        client = SocketClient(raw)
        await client.init()
        assert (await client.answers("{ address }"))[0]["payload"] == {"data": {"address": "127.0.0.1"}}


async def test_a_server_gets_the_headers_that_it_trusts_from_the_proxy_only(program: str, tmp_path: Path) -> None:
    async with serving_headers() as server, proxies.running(program, tmp_path, [server, server]) as proxy:
        sent = {
            "X-Forwarded-For": "203.0.113.7",
            "X-Forwarded-Proto": "http",
            "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
            "tracestate": "a=b",
            "apollographql-client-name": "ios",
        }
        async with proxy.client() as http:
            received = dict((await http.get("/graphql", headers=sent)).json())
    assert received["x-forwarded-for"] == "127.0.0.1"
    assert received["x-forwarded-proto"] == "https"
    assert received["host"].partition(":")[0] == "localhost"
    assert received["apollographql-client-name"] == "ios"
    assert {"traceparent", "tracestate"}.isdisjoint(received)


async def test_metrics_and_readiness_are_not_public(front: Front) -> None:
    async with front.proxy.client() as http:
        found = {path: (await http.get(path)).status_code for path in ("/livez", "/metrics", "/readyz")}
    assert found == {"/livez": 200, "/metrics": 404, "/readyz": 404}


@pytest.mark.parametrize("path", ["/%6Detrics", "/metric%73", "/%72eadyz", "/metrics?a=b", "//metrics", "/metrics#a"])
async def test_another_spelling_of_a_path_that_is_not_public_is_not_public(front: Front, path: str) -> None:
    async with no_hang():
        host, port = "localhost", front.proxy.https
        reader, writer = await asyncio.open_connection(host, port, ssl=front.proxy.tls)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        status = (await reader.readline()).split()[1]
        writer.close()
    assert status in {b"400", b"404"}


async def test_an_address_that_sends_too_many_requests_is_rejected(
    program: str, behind: Settings, tmp_path: Path
) -> None:
    async with (
        serving(behind, schema_with_addresses()) as server,
        proxies.running(program, tmp_path, [server.address, server.address], requests=5) as proxy,
        proxy.client() as http,
    ):
        responses = await asyncio.gather(*(http.get("/livez") for _ in range(20)))
        rejected = [response for response in responses if response.status_code == 429]
        assert len(rejected) >= 10
        assert {code(response) for response in rejected} == {"RATE_LIMITED"}
        other = AsyncHTTPTransport(verify=proxy.tls, local_address="127.0.0.9")
        async with AsyncClient(base_url=proxy.url, transport=other, timeout=HANG_SECONDS) as another:
            assert (await asked(another)).json() == {"data": {"hello": "world"}}


async def test_mutations_go_to_the_other_server_if_one_does_not_accept_connections(
    program: str, behind: Settings, tmp_path: Path
) -> None:
    async with serving(behind, schema_with_addresses()) as server:
        addresses = [f"127.0.0.1:{free_port()}", server.address]
        async with proxies.running(program, tmp_path, addresses) as proxy, proxy.client() as http:
            responses = [await asked(http, "mutation { slowly }") for _ in range(8)]
    assert {response.status_code for response in responses} == {200}


async def test_without_a_server_the_error_is_one_that_apps_read(program: str, tmp_path: Path) -> None:
    gone = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"]
    async with proxies.running(program, tmp_path, gone) as proxy, proxy.client() as http:
        response = await asked(http)
    assert (response.status_code, code(response)) == (503, "UNAVAILABLE")


async def test_a_response_of_the_server_is_passed_as_it_is(front: Front) -> None:
    async with front.proxy.client() as http:
        invalid = await asked(http, "{ unknown }", Accept="application/graphql-response+json")
        large = await http.post("/graphql", content=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "a/b"})
    assert (invalid.status_code, invalid.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "GRAPHQL_VALIDATION_FAILED",
    )
    assert json.loads(large.content)["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "PAYLOAD_TOO_LARGE"}
    assert large.headers["x-request-id"]


async def test_a_server_that_leaves_gets_no_new_requests(behind: Settings, tmp_path: Path) -> None:
    """Only HAProxy has checks: nginx learns from failed connections. The server that leaves lacks the field."""
    proxies.required("haproxy")
    async with (
        serving(behind, live_schema()) as leaving,
        serving(behind, schema_with_addresses()) as other,
        proxies.running("haproxy", tmp_path, [leaving.address, other.address]) as proxy,
        proxy.client() as http,
    ):
        await proxy.until_server("bff-1", "UP")
        leaving.uvicorn.lifespan.state["leave"]()
        await proxy.until_server("bff-1", "DOWN")
        responses = [await asked(http, "{ address }") for _ in range(10)]
        assert [response.json() for response in responses] == [{"data": {"address": "127.0.0.1"}}] * 10
