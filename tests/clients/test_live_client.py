"""The reference client of `web/live-client`, against servers and networks that fail."""

import asyncio
import json
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.clients.features import proves
from tests.clients.live_stage import LiveStage
from tests.clients.programs import run_program
from tests.support.node import node_or_skip
from tests.support.timing import no_hang

HINT = 0.3
MAX_LINES = 80


Message = dict[str, Any]


def event(cursor: str) -> Message:
    payload = {"cursor": cursor, "event": {"__typename": "FeedReset"}}
    return {"type": "next", "payload": {"data": {"viewerEvents": payload}}}


def failed(*, retryable: bool) -> Message:
    """Returns an event that failed as a whole."""
    return {"type": "next", "payload": {"data": None, "errors": errors(retryable=retryable)}}


def rejected(*, retryable: bool) -> Message:
    """Returns the rejection of a subscription, which names the seconds after which it may be repeated."""
    (error,) = errors(retryable=retryable)
    return {"type": "error", "payload": [{**error, "extensions": {**error["extensions"], "retryAfter": HINT}}]}


def errors(*, retryable: bool) -> list[Message]:
    return [{"message": "Failed", "extensions": {"retryable": retryable}}]


CLOSE: Message = {"type": "close"}
"""Stands for a close frame with a hint when to connect again."""


class Script:
    """A server whose answers to subscriptions are given: those to the first one, to the second one and so on."""

    def __init__(self, *answers: list[Message]) -> None:
        self._answers = list(answers)
        self._completed = asyncio.Event()
        self.cursors: list[str] = []
        """The cursors after which a client subscribed."""
        self.subscribed: list[float] = []
        """The times at which it did."""
        self.closed = 0.0
        """The times at which the server closed a WebSocket."""
        self.reopened = 0.0
        """The times at which the client opened the next one."""

    async def complete(self) -> None:
        """Waits until the client has ended the last subscription."""
        await self._completed.wait()

    async def serve(self, socket: ServerConnection) -> None:
        if self.closed and not self.reopened:
            self.reopened = asyncio.get_running_loop().time()
        assert json.loads(await socket.recv())["type"] == "connection_init"
        await socket.send(json.dumps({"type": "connection_ack"}))
        async for text in socket:
            message = json.loads(text)
            if message["type"] == "subscribe":
                await self._answer(socket, message)
            elif message["type"] == "complete" and not self._answers:
                self._completed.set()

    async def _answer(self, socket: ServerConnection, subscribe: Message) -> None:
        self.cursors.append(subscribe["payload"]["variables"]["after"])
        self.subscribed.append(asyncio.get_running_loop().time())
        for answer in self._answers.pop(0):
            if answer is CLOSE:
                await socket.close(1012, f"The server is about to stop; retry in {HINT * 1000:.0f} ms")
                self.closed = asyncio.get_running_loop().time()
            else:
                await socket.send(json.dumps({**answer, "id": subscribe["id"]}))


def hinting() -> Script:
    """Returns a server that sends an event twice, and closes the WebSocket."""
    return Script([event("a"), event("a"), event("b"), CLOSE], [event("b"), event("c"), failed(retryable=False)])


def failing() -> Script:
    """Returns a server that cannot begin a subscription at first, and then not deliver an event."""
    return Script(
        [rejected(retryable=True)],
        [event("a"), failed(retryable=True)],
        [event("b"), failed(retryable=False)],
    )


@asynccontextmanager
async def scripted(script: Script) -> AsyncGenerator[str]:
    """Yields the address of the scripted server."""
    async with serve(script.serve, "127.0.0.1", 0, subprotocols=[Subprotocol("graphql-transport-ws")]) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def build(folder: Path) -> None:
    """Compiles the client, with all checks of types."""
    tsc = folder / "node_modules/typescript/bin/tsc"
    process = await asyncio.create_subprocess_exec(node_or_skip(folder), tsc, cwd=folder, stdout=PIPE, stderr=STDOUT)
    async with no_hang():
        printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()


@proves("graphql-ws", "resume", "drain")
async def test_no_event_is_lost_or_received_twice(live: LiveStage, project: Path) -> None:
    await build(project / "web/live-client")
    given: dict[str, Any] = {**live.given, "token": await live.token()}
    assert await run_program("live-client.js", given, live.wishes) == {"resume", "silence", "token", "reset", "example"}


async def test_clients_follow_hints_and_repeat_what_may_succeed_later(project: Path) -> None:
    """The reference client, and the WebSocket of the examples."""
    await build(project / "web/live-client")
    scripts = [hinting(), failing(), hinting(), failing()]
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(scripted(script)) for script in scripts]
        given: dict[str, Any] = {"token": "", "tokens": [], "scripts": addresses}
        wishes = {f"complete {number}": script.complete for number, script in enumerate(scripts)}
        features = await run_program("live-scripts.js", given, wishes)
    assert features == {"hint", "failure", "example hint", "example failure"}
    for hint, failure in (scripts[:2], scripts[2:]):
        assert hint.cursors == ["start", "b"]
        assert hint.reopened - hint.closed >= HINT
        assert failure.cursors == ["start", "start", "a"]
    _, _, _, example = scripts
    assert example.subscribed[1] - example.subscribed[0] >= HINT


def test_the_client_is_short(project: Path) -> None:
    lines = [line.strip() for line in (project / "web/live-client/src/live-client.ts").read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/*", "*"))]
    assert len(code) < MAX_LINES
