from collections.abc import AsyncGenerator

import pytest

from core.settings import Settings
from tests.support.client import Client
from tests.support.followers import Following
from tests.support.server import Server, serving


@pytest.fixture
async def server(settings: Settings) -> AsyncGenerator[Server]:
    """The product on a real socket."""
    async with serving(settings) as made:
        yield made


@pytest.fixture
def client(server: Server) -> Client:
    """The product over HTTP, for queries and mutations."""
    return Client(server.http, server.resources)


@pytest.fixture
def following(server: Server, client: Client) -> Following:
    """Opens WebSockets with subscriptions."""
    return Following(server, client)
