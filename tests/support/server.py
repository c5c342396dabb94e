"""Serves the gateway on a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple

import strawberry
import uvicorn
from httpx2 import AsyncClient
from starlette.applications import Starlette

from cli.listening import listen
from cli.serve import configure_server
from core.settings import Settings
from core.viewer import SignedIn
from gateway.app import create_app
from services.event_log import topics
from services.resources import Resources
from tests.support.timing import HANG_SECONDS


class Server(NamedTuple):
    """Runs a server in the event loop of the test."""

    uvicorn: uvicorn.Server
    running: asyncio.Task[None]
    address: str
    http: AsyncClient
    resources: Resources

    @property
    def websocket_url(self) -> str:
        return f"ws://{self.address}/graphql"

    def token(self, user_id: int = 7, device_id: int = 1) -> str:
        return self.resources.access_tokens.issue(SignedIn(user_id, device_id))[0]

    async def stop(self) -> None:
        """Stops the server like a signal, and waits for its end."""
        self.uvicorn.should_exit = True
        await self.running

    def revoke(self, device_id: int) -> None:
        """Revokes the device in this process, like a sign-out."""
        self.resources.revocations.add([device_id], self.resources.clock())
        self.resources.bus.wake(topics.REVOCATIONS)


@asynccontextmanager
async def serving(settings: Settings, schema: strawberry.Schema | None = None, port: int = 0) -> AsyncGenerator[Server]:
    async with serving_app(settings, create_app(settings, schema=schema), port) as server:
        yield server


@asynccontextmanager
async def serving_app(settings: Settings, app: Starlette, port: int = 0) -> AsyncGenerator[Server]:
    server = uvicorn.Server(configure_server(settings, app))
    listener = listen(settings.host, port, "PORT")
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    running = asyncio.create_task(server._serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        assert not running.done(), running.result()
    async with AsyncClient(base_url=f"http://{address}", timeout=HANG_SECONDS) as http:
        made = Server(server, running, address, http, app.state.resources)
        try:
            yield made
        finally:
            await made.stop()
