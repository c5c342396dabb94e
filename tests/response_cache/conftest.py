from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.settings import Settings
from core.viewer import SignedIn
from tests.response_cache.support.small_world import World
from tests.support.client import Client
from tests.support.timing import settings_for

Explained = tuple[str, str | None]
"""The result and the reason of `extensions.cache`."""

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Authors with more than two followers are popular."""
    return settings_for(database_url, cache_url="memory://", cache_explain="on", push_followers=2, metrics=True)


@pytest.fixture
def explained(client: Client) -> Callable[..., Awaitable[Explained]]:
    """Returns how the response to a query came about."""

    async def ask(query: str, variables: Any = None, *, as_: str | None = None, device: int = 1) -> Explained:
        token = None
        if as_ is not None:
            token, _ = client.resources.access_tokens.issue(SignedIn(await client.user_id(as_), device))
        cache = (await client.post(query, variables, token=token)).json()["extensions"]["cache"]
        return cache["result"], cache.get("reason")

    return ask


@pytest.fixture
def world() -> World:
    return World()
