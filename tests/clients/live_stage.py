"""Serves the product behind a network that fails, with a stream of numbered events."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.settings import Settings
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.event_log.topics import wake_streams
from services.resources import Resources, open_resources
from services.users import find_user_id
from tests.chaos.proxy import Proxy
from tests.clients.programs import Wishes
from tests.clients.sessions import tokens_of_ana
from tests.support.server import Server, serving

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
"""The time of the event with the number 0. Each event occurs a second after the one before."""

FIRST, SECOND = 91, 92
"""Devices of ana. A program may request that the first one is revoked."""

EVENTS = 1000
PART = EVENTS // 4

_POSTS = "SELECT p.author_id, p.id FROM posts p JOIN users u ON u.id = p.author_id WHERE u.handle = 'ben' LIMIT 50"
_LATER_THAN_THE_SEED = 2**60


@dataclass
class LiveStage:
    """A server whose clients follow the events of ana through a proxy. `worker` appends the events."""

    settings: Settings
    stack: AsyncExitStack
    server: Server
    proxy: Proxy
    worker: Resources
    ana: int
    posts: list[RowKey]
    appended: int = 0

    @property
    def address(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.proxy.port}"

    @property
    def proxied(self) -> Server:
        """The server at the address of the proxy."""
        return self.server._replace(address=f"127.0.0.1:{self.proxy.port}")

    @property
    def given(self) -> dict[str, Any]:
        """The input of programs."""
        return {
            "url": f"{self.address}/graphql",
            "socket": f"{self.address.replace('http', 'ws')}/graphql",
            "tokens": [self.server.token(self.ana, device) for device in (FIRST, SECOND)],
            "begin": BEGIN.isoformat(),
            "events": EVENTS,
        }

    @property
    def wishes(self) -> Wishes:
        return {
            "append": self.append,
            "cut": self.cut,
            "restart": self.restart,
            "strand": self.strand,
            "talk": self.talk,
            "revoke": self.revoke,
        }

    async def append(self, count: int = PART) -> None:
        """Appends events about posts of ben, like a relay."""
        stream = RowKey(self.ana, self.ana)
        end = self.appended + count
        while self.appended < end:
            numbers = range(self.appended, min(end, self.appended + len(self.posts)))
            entries = [self._event(stream, number) for number in numbers]
            async with self.worker.database.transaction() as transaction:
                await append_to_streams(transaction, entries)
            self.appended = numbers.stop
        wake_streams(self.server.resources.bus, [stream])

    async def cut(self) -> None:
        """Ends all connections, and appends events."""
        self.proxy.cut()
        await self.append()

    async def restart(self) -> None:
        """Stops the server, appends events, and starts another one at the same address."""
        port = int(self.server.address.rpartition(":")[2])
        await self.server.stop()
        await self.append()
        self.server = await self.stack.enter_async_context(serving(self.settings, port=port))

    async def strand(self) -> None:
        """Holds back the bytes of open connections, and appends events."""
        self.proxy.strand()
        await self.append()

    async def talk(self) -> None:
        self.proxy.talk()

    async def revoke(self) -> None:
        """Revokes the first device, and appends events."""
        self.server.revoke(FIRST)
        await self.append()

    async def token(self) -> str:
        return (await tokens_of_ana(self.server)).access

    def _event(self, stream: RowKey, number: int) -> StreamEvent:
        position = LogPosition(_LATER_THAN_THE_SEED, _LATER_THAN_THE_SEED + number)
        subject = self.posts[number % len(self.posts)]
        at = BEGIN + timedelta(seconds=number)
        return StreamEvent(stream, StreamEventKind.FEED_POST_PUBLISHED, subject, position, at)


@asynccontextmanager
async def live_stage(settings: Settings) -> AsyncGenerator[LiveStage]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(settings))
        host, port = server.address.split(":")
        proxy = await stack.enter_async_context(Proxy(host, int(port)).running())
        worker = await stack.enter_async_context(open_resources(settings))
        ana = await find_user_id(worker.database, "ana")
        assert ana is not None
        posts = [RowKey(row["author_id"], row["id"]) for row in await worker.database.fetch(_POSTS)]
        yield LiveStage(settings, stack, server, proxy, worker, ana, posts)
