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


class Script:
    """A server that sends some events twice, and closes a WebSocket with a hint when to connect again."""

    def __init__(self) -> None:
        self.cursors: list[str] = []
        """The cursors after which a client subscribed."""
        self.times: list[float] = []
        """When WebSockets were closed and opened."""
        self.completed = asyncio.Event()

    async def wait(self) -> None:
        """Waits until the client has ended the subscription that failed."""
        await self.completed.wait()

    async def serve(self, socket: ServerConnection) -> None:
        self._note_time()
        assert json.loads(await socket.recv())["type"] == "connection_init"
        await socket.send(json.dumps({"type": "connection_ack"}))
        subscribe = json.loads(await socket.recv())
        self.cursors.append(subscribe["payload"]["variables"]["after"])
        if len(self.cursors) == 1:
            await self._send(socket, subscribe["id"], "a", "a", "b")
            await socket.close(1012, f"The server is about to stop; retry in {HINT * 1000:.0f} ms")
            self._note_time()
        else:
            await self._send(socket, subscribe["id"], "b", "c", None)
            assert json.loads(await socket.recv()) == {"id": subscribe["id"], "type": "complete"}
            self.completed.set()

    async def _send(self, socket: ServerConnection, subscription_id: str, *cursors: str | None) -> None:
        """Sends an event for each cursor, and an error for None."""
        for cursor in cursors:
            event = {"data": {"viewerEvents": {"cursor": cursor, "event": {"__typename": "FeedReset"}}}}
            failed = {"data": None, "errors": [{"message": "Failed"}]}
            payload = event if cursor else failed
            await socket.send(json.dumps({"id": subscription_id, "type": "next", "payload": payload}))

    def _note_time(self) -> None:
        self.times.append(asyncio.get_running_loop().time())


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
    scripts = [Script(), Script()]
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(scripted(script)) for script in scripts]
        given: dict[str, Any] = {**live.given, "token": await live.token(), "scripts": addresses}
        wishes = {f"completed {number}": script.wait for number, script in enumerate(scripts)}
        features = await run_program("live-client.js", given, {**live.wishes, **wishes})
    assert features == {"resume", "silence", "token", "reset", "script", "example script", "example silence"}
    for script in scripts:
        assert script.cursors == ["start", "b"]
        _, closed, opened = script.times
        assert opened - closed >= HINT


def test_the_client_is_short(project: Path) -> None:
    lines = [line.strip() for line in (project / "web/live-client/src/live-client.ts").read_text().splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/*", "*"))]
    assert len(code) < MAX_LINES
