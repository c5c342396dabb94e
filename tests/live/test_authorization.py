"""Tests what ends or changes for a follower whose device, token or relationships change."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from httpx2 import AsyncClient, Response
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.clock import system_clock
from core.keys import KeyRing
from core.settings import Settings
from core.viewer import SignedIn
from services.relay import Relay
from services.resources import Resources, open_resources
from services.security.access_tokens import AccessTokens
from tests.cli.test_commands import serving
from tests.gateway.streaming.test_lasting import HEARTBEATS, last_error
from tests.live.test_bad_input import EVENTS, PARTS
from tests.support.account import act, sign_in
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import VIEWER_EVENTS, Following, Subscribed
from tests.support.relay import drained
from tests.support.server import Server
from tests.support.sockets import TRANSPORT_WS, SocketClient, opened
from tests.support.timing import no_hang

ENDED = (4403, "The access token is no longer valid")


class Process(NamedTuple):
    """A process of `bff serve`."""

    client: Client

    @asynccontextmanager
    async def follower(self, token: str, after: str | None = None) -> AsyncGenerator[SocketClient]:
        """Opens a WebSocket that follows the events of a user."""
        address = f"ws{str(self.client.http.base_url).removeprefix('http')}/graphql"
        async with connect(address, subprotocols=[Subprotocol(TRANSPORT_WS)], compression=None) as raw:
            socket = SocketClient(raw)
            await socket.init(authToken=token)
            await socket.subscribe(VIEWER_EVENTS, variables={"after": after})
            yield socket

    @asynccontextmanager
    async def stream(self, accept: str, token: str) -> AsyncGenerator[Response]:
        headers = {"Accept": accept, "Authorization": f"Bearer {token}"}
        async with self.client.http.stream(
            "POST", "/graphql", json={"query": VIEWER_EVENTS}, headers=headers
        ) as response:
            yield response


@asynccontextmanager
async def processes(settings: Settings, folder: Path) -> AsyncGenerator[tuple[Process, Process, Resources]]:
    """Runs two processes of `bff serve`. The relay runs in the test."""
    environment = {"BFF_DATABASE_URL": settings.database_url}
    async with AsyncExitStack() as stack:
        worker = await stack.enter_async_context(open_resources(settings))

        async def started(name: str) -> Process:
            (folder / name).mkdir()
            http: AsyncClient = await stack.enter_async_context(
                serving("serve", folder=folder / name, environment=environment)
            )
            return Process(Client(http, worker))

        yield await started("one"), await started("other"), worker


async def test_a_revoked_device_loses_its_connections_on_every_process(settings: Settings, tmp_path: Path) -> None:
    async with processes(settings, tmp_path) as (one, other, worker), AsyncExitStack() as stack, no_hang():
        phone, tablet = await sign_in(one.client, "ana", "Phone"), await sign_in(other.client, "ana", "Tablet")
        token = phone["accessToken"]
        sockets = [await stack.enter_async_context(process.follower(token)) for process in (one, other)]
        events = await stack.enter_async_context(one.stream(EVENTS, token))
        parts = await stack.enter_async_context(other.stream(PARTS, token))
        viewer = (await one.client.post("{ viewer { liveCursor } }", token=token)).json()["data"]["viewer"]
        stays = await stack.enter_async_context(other.follower(tablet["accessToken"], viewer["liveCursor"]))
        sent = {"deviceId": phone["device"]["id"]}
        assert await act(one.client, "RevokeDevice", sent, token=tablet["accessToken"]) == {
            "__typename": "RevokeDeviceSuccess",
            "deviceId": phone["device"]["id"],
        }
        assert [await socket.closed() for socket in sockets] == [ENDED, ENDED]
        for response, ending in ((events, "event: complete\ndata:\n\n"), (parts, "\r\n--graphql--")):
            text = (await response.aread()).decode().replace(HEARTBEATS[PARTS], "")
            assert last_error(text) == {"code": "UNAUTHENTICATED", "retryable": False}
            assert text.endswith(ending)
        await drained(worker, Relay(worker))
        event = (await stays.hear())["payload"]["data"]["viewerEvents"]["event"]
        while event["__typename"] == "NotificationReceived":
            event = (await stays.hear())["payload"]["data"]["viewerEvents"]["event"]
        assert event == {"__typename": "DeviceRevoked", "deviceId": phone["device"]["id"]}


async def ending(server: Server, user_id: int, seconds: float) -> str:
    """Returns a token of a user that ends after these seconds, or up to one second before."""

    def before() -> Any:
        return system_clock() - timedelta(seconds=60 - seconds)

    keys, revocations = KeyRing(server.resources.settings.secret_keys), server.resources.revocations
    return AccessTokens(keys, before, timedelta(seconds=60), revocations).issue(SignedIn(user_id, 1))[0]


async def test_a_follower_whose_token_ends_is_closed(server: Server, client: Client, following: Following) -> None:
    token = await ending(server, await client.user_id("ana"), 3.0)
    async with opened(server, authToken=token) as socket, no_hang():
        await following.follow_viewer(socket)
        assert await socket.closed() == ENDED
    assert len(server.resources.streams) == 0


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_stream_whose_token_ends_is_closed(server: Server, client: Client, accept: str) -> None:
    token = await ending(server, await client.user_id("ana"), 3.0)
    response = await client.post(VIEWER_EVENTS, token=token, Accept=accept)
    text = response.text.replace(HEARTBEATS[PARTS], "")
    assert last_error(text) == {"code": "UNAUTHENTICATED", "retryable": False}
    assert len(server.resources.streams) == 0


async def test_a_new_token_in_a_ping_keeps_a_follower(server: Server, client: Client, following: Following) -> None:
    token = await ending(server, await client.user_id("ana"), 3.0)
    async with opened(server, authToken=token) as socket, opened(server, authToken=token) as witness:
        ana = await following.follow_viewer(socket)
        await socket.say(type="ping", payload={"authToken": await client.token("ana")})
        async with no_hang():
            assert await socket.hear() == {"type": "pong"}
            assert await witness.closed() == ENDED
        await App(client, "ben").publishes("After the first token")
        await following.project()
        assert (await ana.event())["post"]["body"] == "After the first token"


@asynccontextmanager
async def followers_of(following: Following, post: str, *handles: str) -> AsyncGenerator[list[Subscribed]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(following.post(handle, post)) for handle in handles]


async def test_a_block_hides_the_next_event_of_a_post_from_the_blocked_follower_only(
    following: Following, client: Client
) -> None:
    ben = App(client, "ben")
    post = await ben.publishes("1")
    await following.project()
    async with followers_of(following, post, "ana", "chi", "dia") as (ana, chi, dia):
        await ben.does("EditPost", postId=post, body="2")
        await following.project()
        assert [(await user.event())["post"]["body"] for user in (ana, chi, dia)] == ["2"] * 3
        chi_id = await App(client, "chi").global_id()
        await ben.does("BlockUser", userId=chi_id)
        await ben.does("EditPost", postId=post, body="3")
        await following.project()
        assert [(await user.event())["post"]["body"] for user in (ana, dia)] == ["3"] * 2
        assert await chi.event() == {"__typename": "PostChanged", "post": None}
        await ben.comments(post, "A comment")
        await following.project()
        assert await _comment(chi) is None
        assert [(await _comment(user))["body"] for user in (ana, dia)] == ["A comment"] * 2
        await ben.does("UnblockUser", userId=chi_id)
        await ben.does("EditPost", postId=post, body="4")
        await following.project()
        for user in (ana, chi, dia):
            while ((await user.event())["post"] or {}).get("body") != "4":
                """Counts were announced before."""


async def _comment(user: Subscribed) -> Any:
    """Returns the comment of the next event about one. Counts may be announced before it."""
    while (event := await user.event())["__typename"] != "CommentAdded":
        pass
    return event["comment"]


@pytest.mark.parametrize("blocker", ["ana", "dia"])
async def test_comments_are_hidden_between_users_with_a_block(
    following: Following, client: Client, blocker: str
) -> None:
    """Ana comments, and Dia follows. Chi has no block and shares the work with Ana or Dia otherwise."""
    post = await App(client, "ben").publishes("1")
    await following.project()
    async with followers_of(following, post, "chi", "dia") as (chi, dia):
        other = App(client, "dia" if blocker == "ana" else "ana")
        await App(client, blocker).does("BlockUser", userId=await other.global_id())
        await App(client, "ana").comments(post, "Of Ana")
        await following.project()
        assert (await _comment(chi))["body"] == "Of Ana"
        assert await _comment(dia) is None
