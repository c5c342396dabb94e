"""Tests which callers may open a socket, and how long it stays open."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from core.clock import system_clock
from core.keys import KeyRing
from core.settings import Settings
from core.viewer import SignedIn
from gateway.streaming.connections import CloseReason, OpenConnections
from services.security.access_tokens import AccessTokens
from tests.support.live import Watched
from tests.support.server import Server
from tests.support.sockets import SocketClient, opened, socket_to
from tests.support.timing import no_hang

WHO = "subscription { count(to: 1) { viewer } }"
ENDED = (4403, "The access token is no longer valid")


async def viewer_of(client: SocketClient) -> Any:
    return (await client.answers(WHO))[0]["payload"]["data"]["count"]["viewer"]


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer {token}"},
        {"authorization": "bearer {token}"},
        {"authToken": "{token}"},
        {"authToken": "Bearer {token}"},
        {"headers": {"Authorization": "Bearer {token}"}},
        {"headers": {"authorization": "Bearer {token}"}},
        {"AUTHORIZATION": "Bearer {token}"},
        {"headers": {"AUTHORIZATION": "Bearer {token}"}},
        {"authorization": None, "authToken": "", "headers": {"Authorization": "Bearer {token}"}},
    ],
)
async def test_the_token_is_taken_as_clients_send_it(lively: Server, payload: dict[str, Any]) -> None:
    async with opened(lively, **filled(payload, lively.token(42))) as client:
        assert await viewer_of(client) == 42


async def test_the_token_of_the_handshakes_header_is_taken(lively: Server) -> None:
    headers = {"AUTHORIZATION": f"Bearer {lively.token(42)}"}
    async with socket_to(lively, additional_headers=headers) as client:
        await client.init()
        assert await viewer_of(client) == 42


async def test_a_wrong_token_of_the_handshakes_header_is_refused(lively: Server) -> None:
    async with socket_to(lively, additional_headers={"Authorization": "Bearer x"}) as client:
        await client.say(type="connection_init")
        assert (await client.closed())[0] == 4403


def filled(payload: dict[str, Any], token: str) -> dict[str, Any]:
    return json.loads(json.dumps(payload).replace("{token}", token))


@pytest.mark.parametrize("payload", [{}, {"authToken": None}, {"Authorization": ""}, {"headers": {}}, {"other": 1}])
async def test_nobody_is_signed_in_without_one(lively: Server, payload: dict[str, Any]) -> None:
    async with opened(lively, **payload) as client:
        assert await viewer_of(client) is None


async def test_a_fresh_token_travels_in_a_ping(lively: Server, lively_settings: Settings) -> None:
    async with opened(lively, authToken=ending(lively, lively_settings, seconds=1.5)) as client:
        await client.say(type="ping", payload={"authToken": lively.token(7, 3)})
        assert await client.hear() == {"type": "pong"}
        await asyncio.sleep(3)
        assert await viewer_of(client) == 7


async def test_a_ping_signs_in_who_came_as_nobody(lively: Server) -> None:
    async with opened(lively) as client:
        await client.say(type="ping", payload={"Authorization": f"Bearer {lively.token(9)}"})
        assert await client.hear() == {"type": "pong"}
        assert await viewer_of(client) == 9


@pytest.mark.parametrize("other", [(8, 1), (7, 2)])
async def test_a_socket_stays_with_one_person_on_one_device(lively: Server, other: tuple[int, int]) -> None:
    async with opened(lively, authToken=lively.token(7, 1)) as client:
        await client.say(type="ping", payload={"authToken": lively.token(*other)})
        assert await client.closed() == (4403, "The token is of another session: open another WebSocket")


async def test_a_ping_with_a_token_that_is_not_trusted_closes_the_socket(lively: Server) -> None:
    async with opened(lively) as client:
        await client.say(type="ping", payload={"authToken": "x"})
        assert (await client.closed())[0] == 4403


async def test_a_token_before_the_init_is_none(lively: Server) -> None:
    async with socket_to(lively) as client:
        await client.say(type="ping", payload={"authToken": lively.token(9)})
        assert await client.hear() == {"type": "pong"}
        await client.init()
        assert await viewer_of(client) is None


async def test_a_socket_is_closed_when_its_device_is_signed_out(woken: Server, seen: Watched) -> None:
    async with (
        opened(woken, authToken=woken.token(7, 81)) as client,
        opened(woken, authToken=woken.token(7, 82)) as other,
    ):
        await client.subscribe("subscription { forever { number } }")
        await client.hear()
        woken.revoke(81)
        async with no_hang():
            assert await client.closed() == ENDED
        await seen.until(lambda: seen.closed == 1)
        assert await viewer_of(other) == 7


async def test_it_is_closed_soon_when_nobody_is_woken(lively: Server) -> None:
    async with opened(lively, authToken=lively.token(7, 83)) as client:
        lively.resources.revocations.add([83], lively.resources.clock())
        async with no_hang():
            assert await client.closed() == ENDED
    async with socket_to(lively) as client:
        await client.say(type="connection_init", payload={"authToken": lively.token(7, 83)})
        assert (await client.closed())[0] == 4403, "and not opened again"


async def test_a_socket_is_closed_when_its_token_ends(lively: Server, lively_settings: Settings) -> None:
    async with opened(lively, authToken=ending(lively, lively_settings, seconds=1.5)) as client, no_hang():
        assert await client.closed() == ENDED


def ending(server: Server, settings: Settings, seconds: float) -> str:
    """Returns a token of user 7 on device 3 that expires in this number of seconds, or up to one less."""

    def before() -> Any:
        return system_clock() - timedelta(seconds=60 - seconds)

    tokens = AccessTokens(KeyRing(settings.secret_keys), before, timedelta(seconds=60), server.resources.revocations)
    return tokens.issue(SignedIn(7, 3))[0]


async def test_a_fresh_token_for_a_socket_that_was_ended_changes_nothing(lively: Server) -> None:
    connections, ended = OpenConnections(9, 9), list[CloseReason]()
    session = lively.resources.access_tokens.session(lively.token(7, 95))
    connection = connections.open(ended.append, "", session)
    connections.drain()
    connections.renew(connection, session)
    connections.check(lively.resources.revocations, system_clock() + timedelta(days=1))
    assert (ended, len(connections)) == ([CloseReason.DRAINING], 0)
