"""A URL with several hosts leads to the server that is the primary now."""

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.errors import Unavailable
from core.features import Feature
from services.resources import Resources, open_resources
from tests.conftest import ENGINES
from tests.replicas.conftest import Pair, opened_pair
from tests.support.timing import no_hang, settings_for

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

PORT = "SELECT current_setting('port') AS port"


@pytest.fixture
async def pair() -> AsyncGenerator[Pair]:
    """Servers of the test, which may end them."""
    async with opened_pair("failover") as pair:
        yield pair


def url_of_both(pair: Pair, attributes: str) -> str:
    hosts = f"127.0.0.1:{pair.standby.port},127.0.0.1:{pair.primary.port}"
    return urlsplit(pair.url)._replace(netloc=f"postgres@{hosts}", query=f"target_session_attrs={attributes}").geturl()


async def answered(resources: Resources) -> list[Any]:
    """Returns the ports of the servers of both drivers, as soon as both answer."""
    feed = resources.features[Feature.FEED]
    async with no_hang():
        while True:
            try:
                (outside,) = await feed.fetch(PORT)
                async with feed.transaction() as transaction:
                    (inside,) = await transaction.fetch(PORT)
            except Unavailable:
                continue
            return [outside["port"], inside["port"]]


@pytest.mark.parametrize("attributes", ["read-write", "primary"])
async def test_both_drivers_find_the_primary_before_and_after_a_failover(pair: Pair, attributes: str) -> None:
    async with open_resources(settings_for(url_of_both(pair, attributes), bus_url="memory://")) as resources:
        assert await answered(resources) == [str(pair.primary.port)] * 2
        await pair.primary.crash()
        await pair.standby.execute("SELECT pg_promote()")
        assert await answered(resources) == [str(pair.standby.port)] * 2


async def test_drivers_find_a_standby_if_it_is_preferred(pair: Pair) -> None:
    async with open_resources(settings_for(url_of_both(pair, "prefer-standby"), bus_url="memory://")) as resources:
        assert await answered(resources) == [str(pair.standby.port)] * 2
