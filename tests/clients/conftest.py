from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from core.settings import Settings
from tests.clients.live_stage import LiveStage, live_stage
from tests.clients.programs import Wishes, run_program
from tests.clients.sessions import tokens_of_ana
from tests.clients.stage import stage_schema
from tests.support.engines import Engine, SqliteEngine
from tests.support.server import Server, serving
from tests.support.timing import settings_for

FIRST, SECOND = 91, 92
"""Devices: the first one is signed out while a program runs."""


@pytest.fixture(scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Engine]:
    """Selects SQLite only, since the database makes no difference to clients."""
    made = SqliteEngine(tmp_path_factory.mktemp("clients"))
    await made.open()
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def product(engine: Engine) -> AsyncGenerator[Server]:
    """Provides the seeded product. The app `strict` may send only registered documents."""
    async with engine.copy() as url:
        settings = settings_for(url, max_batch=5, trusted_documents="off,strict=enforce")
        async with serving(settings) as server:
            yield server


@pytest.fixture(scope="module")
async def stage(engine: Engine) -> AsyncGenerator["Stage"]:
    async with engine.copy() as url, AsyncExitStack() as stack:
        settings = settings_for(url, max_upload_bytes=100_000, heartbeat_seconds=0.5)
        yield Stage(settings, stack, await stack.enter_async_context(serving(settings, stage_schema())))


@dataclass
class Stage:
    """Serves the schema with events, incremental results and files. A later server may have the same address."""

    settings: Settings
    stack: AsyncExitStack
    server: Server

    async def sign_out(self) -> None:
        self.server.revoke(FIRST)

    async def restart(self) -> None:
        port = int(self.server.address.rpartition(":")[2])
        await self.server.stop()
        self.server = await self.stack.enter_async_context(serving(self.settings, stage_schema(), port))


@dataclass
class Programs:
    """Runs programs against both servers."""

    product: Server
    stage: Stage

    async def run(self, name: str, **more: Any) -> set[str]:
        tokens = await tokens_of_ana(self.product)
        given = {
            "url": f"http://{self.product.address}/graphql",
            "token": tokens.access,
            "ended": {"accessToken": tokens.ended, "refreshToken": tokens.refresh},
            "stage": f"http://{self.stage.server.address}/graphql",
            "socket": self.stage.server.websocket_url,
            "tokens": [self.stage.server.token(device_id=device) for device in (FIRST, SECOND)],
            **more,
        }
        wishes: Wishes = {"sign out": self.stage.sign_out, "restart": self.stage.restart}
        return await run_program(name, given, wishes)


@pytest.fixture
def programs(product: Server, stage: Stage) -> Programs:
    return Programs(product, stage)


@pytest.fixture
async def live(engine: Engine) -> AsyncGenerator[LiveStage]:
    """Provides the product behind a network that fails, with a stream of numbered events."""
    async with engine.copy() as url, live_stage(settings_for(url)) as made:
        yield made
