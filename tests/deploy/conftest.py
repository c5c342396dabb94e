from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig

from core.settings import Settings
from engine.for_strawberry import StrawberryExecutor
from schema.context import Info
from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.support import live, proxies
from tests.support.proxies import Proxy
from tests.support.server import Server, serving
from tests.support.timing import settings_for


@strawberry.type
class Query(live.Query):
    @strawberry.field
    def address(self, info: Info) -> str:
        """Returns the client address."""
        return info.context.address


def schema_with_addresses() -> strawberry.Schema:
    return strawberry.Schema(
        Query,
        live.Mutation,
        live.Subscription,
        config=StrawberryConfig(enable_experimental_incremental_execution=True),
        execution_context_class=StrawberryExecutor,
    )


class Front(NamedTuple):
    """A proxy in front of two servers."""

    proxy: Proxy
    servers: list[Server]


@pytest.fixture(params=["haproxy", "nginx"])
def program(request: pytest.FixtureRequest) -> str:
    proxies.required(request.param)
    return request.param


@pytest.fixture
async def behind(tmp_path: Path) -> Settings:
    """Returns the settings of servers with metrics that trust a proxy on this machine, with a migrated database."""
    settings = settings_for(
        f"sqlite://{tmp_path}/bff.sqlite3", trusted_proxies="127.0.0.1", heartbeat_seconds=0.3, metrics=True
    )
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _name: None)
    return settings


@pytest.fixture
async def front(program: str, behind: Settings, tmp_path: Path) -> AsyncGenerator[Front]:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(serving(behind, schema_with_addresses())) for _ in range(2)]
        addresses = [server.address for server in servers]
        yield Front(await stack.enter_async_context(proxies.running(program, tmp_path, addresses)), servers)
