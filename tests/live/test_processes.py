"""A commit anywhere reaches followers on every server, with and without the bus."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from core.settings import Settings
from services.live import hub
from services.relay import Relay
from services.resources import Resources, open_resources
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.app import App
from tests.support.client import Client
from tests.support.engines import REDIS_URL
from tests.support.followers import Following
from tests.support.relay import drained
from tests.support.server import serving
from tests.support.timing import settings_for, until

BUSES = ["database", *(["redis"] if REDIS else [])]


class Deployment(NamedTuple):
    """Holds two servers and a worker, each with connections of its own."""

    servers: tuple[Following, Following]
    worker: Resources

    async def project(self) -> None:
        await drained(self.worker, Relay(self.worker))


@asynccontextmanager
async def deployed(settings: Settings) -> AsyncGenerator[Deployment]:
    async with serving(settings) as one, serving(settings) as other, open_resources(settings) as worker:
        servers = [Following(server, Client(server.http, server.resources)) for server in (one, other)]
        yield Deployment((servers[0], servers[1]), worker)


def with_bus(settings: Settings, url: str) -> Settings:
    return settings_for(settings.database_url, bus_url=url, bus_name=f"test-{secrets.token_hex(4)}", metrics=True)


@pytest.mark.parametrize("bus", BUSES)
async def test_an_event_reaches_followers_on_every_server(
    settings: Settings, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that the bus suffices: polling is switched off, but where no bus connects processes."""
    if bus == "redis" or settings.database_url.startswith("postgres"):
        monkeypatch.setattr(hub, "_POLL_SECONDS", 3600.0)
        monkeypatch.setattr(hub, "_POLL_SECONDS_WITH_BUS", 3600.0)
    async with deployed(with_bus(settings, REDIS_URL if bus == "redis" else "")) as deployment:
        one, other = deployment.servers
        ben = App(one.client, "ben")
        async with one.viewer("ana") as ana, other.viewer("ana") as phone, other.viewer("chi") as chi:
            for body in ("1", "2", "3"):
                await ben.publishes(body)
                await deployment.project()
            for follower in (ana, phone, chi):
                assert [event["post"]["body"] for event in await follower.events(3)] == ["1", "2", "3"]
        async with one.viewer("ana", ana.cursor) as moved:
            await ben.publishes("4")
            await deployment.project()
            assert (await moved.event())["post"]["body"] == "4", "a cursor is valid on every server"


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_without_the_bus_followers_stay_and_polls_deliver(settings: Settings) -> None:
    url = urlsplit(REDIS_URL)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        through = url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
        async with deployed(with_bus(settings, through)) as deployment:
            following = deployment.servers[0]
            bus = following.server.resources.bus
            ben = App(following.client, "ben")
            async with following.viewer("ana") as ana:
                await until(lambda: bus.reaches_other_processes)
                proxy.silence()
                proxy.cut()
                await until(lambda: not bus.reaches_other_processes)
                metrics = (await following.server.http.get("/metrics")).text
                assert "bff_bus_connected 0" in metrics
                await ben.publishes("1")
                await deployment.project()
                assert (await ana.event())["post"]["body"] == "1"
                proxy.talk()
                await until(lambda: bus.reaches_other_processes)
                await ben.publishes("2")
                await deployment.project()
                assert (await ana.event())["post"]["body"] == "2"
