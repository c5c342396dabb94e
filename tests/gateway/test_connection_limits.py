"""Tests the limits of open connections for each user and each client address."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from core.settings import Settings
from tests.gateway.streaming.test_lasting import EVENTS, FOREVER, listening
from tests.support.live import Watched, live_schema
from tests.support.metrics import measured
from tests.support.server import Server, serving
from tests.support.sockets import opened, socket_to
from tests.support.timing import until

BUSY_USER = (1013, "This user has too many open connections.")
BUSY_NETWORK = (1013, "Too many connections are open from this network.")


@pytest.fixture
async def limited(lively_settings: Settings) -> AsyncGenerator[Server]:
    """A server that permits two connections of a user, and four of an address."""
    settings = replace(
        lively_settings, user_connections=2, address_connections=4, socket_init_seconds=60.0, metrics=True
    )
    async with serving(settings, live_schema()) as server:
        yield server


@asynccontextmanager
async def two_of_a_user(server: Server) -> AsyncGenerator[None]:
    async with opened(server, authToken=server.token(7, 1)), listening(server, EVENTS, server.token(7, 2)):
        yield


async def rejected(server: Server, accept: str, token: str = "") -> Any:
    headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
    response = await server.http.post("/graphql", json={"query": FOREVER}, headers=headers)
    assert (response.status_code, response.headers["retry-after"]) == (429, "10")
    (error,) = response.json()["errors"]
    extensions = error["extensions"]
    assert (extensions["code"], extensions["retryable"], extensions["retryAfter"]) == ("RATE_LIMITED", True, 10)
    return error["message"]


async def test_a_user_has_a_number_of_connections_whatever_the_transport(limited: Server) -> None:
    async with two_of_a_user(limited):
        async with socket_to(limited) as third:
            await third.say(type="connection_init", payload={"authToken": limited.token(7, 3)})
            assert await third.closed() == BUSY_USER
        assert await rejected(limited, EVENTS, limited.token(7, 4)) == BUSY_USER[1]
        assert await rejected(limited, "multipart/mixed;subscriptionSpec=1.0", limited.token(7)) == BUSY_USER[1]
        async with opened(limited, authToken=limited.token(8, 1)) as other:
            assert len(await other.answers("{ hello }")) == 2


async def test_a_user_who_signs_in_on_an_open_socket_counts(limited: Server) -> None:
    async with two_of_a_user(limited), opened(limited) as third:
        await third.say(type="ping", payload={"authToken": limited.token(7, 3)})
        assert await third.closed() == BUSY_USER


async def test_a_new_token_does_not_count_again(limited: Server) -> None:
    async with two_of_a_user(limited), opened(limited, authToken=limited.token(9, 1)) as client:
        for _ in range(5):
            await client.say(type="ping", payload={"authToken": limited.token(9, 1)})
            assert await client.hear() == {"type": "pong"}


async def test_connections_that_have_ended_do_not_count(limited: Server, seen: Watched) -> None:
    for _ in range(3):
        async with two_of_a_user(limited):
            pass
        await until(lambda: seen.open == seen.closed and not limited.uvicorn.server_state.tasks)


async def test_a_rejected_subscription_does_not_begin(limited: Server, seen: Watched) -> None:
    async with two_of_a_user(limited):
        await rejected(limited, EVENTS, limited.token(7))
        assert seen.open == 1


async def test_a_client_address_has_a_number_of_connections_before_they_are_acknowledged(limited: Server) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(4):
            await stack.enter_async_context(socket_to(limited))
        async with socket_to(limited) as fifth:
            assert await fifth.closed() == BUSY_NETWORK
        assert await rejected(limited, EVENTS) == BUSY_NETWORK[1]
        answer = await limited.http.post("/graphql", json={"query": "{ hello }"})
        assert answer.json() == {"data": {"hello": "world"}}


async def test_a_subscription_that_cannot_begin_does_not_count(limited: Server) -> None:
    for _ in range(5):
        answer = await limited.http.post(
            "/graphql", json={"query": "subscription { mine }"}, headers={"Accept": EVENTS}
        )
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_rejected_and_closed_connections_count(limited: Server) -> None:
    async with two_of_a_user(limited), opened(limited, authToken=limited.token(8, 5)) as other:
        assert await counts(limited) == (0, 0)
        assert await rejected(limited, EVENTS, limited.token(7, 4)) == BUSY_USER[1]
        limited.revoke(5)
        await other.closed()
        assert await counts(limited) == (1, 1)


async def counts(server: Server) -> tuple[float, float]:
    """Returns the rejected connections, and those that were closed because their token was revoked."""
    samples = measured((await server.http.get("/metrics")).text)
    return samples["bff_connections_rejected_total"], samples['bff_connections_closed_total{reason="untrusted"}']
