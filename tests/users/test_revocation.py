"""A device that is signed out is signed out on every process, soon."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.errors import Unavailable
from core.settings import Settings
from gateway.app import create_app
from gateway.background import revocations
from services.resources import Resources
from services.security.revocations import Revocations, record_revoked
from tests.conftest import REDIS
from tests.support.account import act, is_signed_in, sign_in
from tests.support.client import Client
from tests.support.engines import REDIS_URL
from tests.support.jobs import enqueued, rows, run_all
from tests.support.timing import no_hang, settings_for
from workers.handlers import HANDLERS

QUARTER = timedelta(minutes=15)


@asynccontextmanager
async def process(settings: Settings) -> AsyncGenerator[Client]:
    """Provides a second process of the product."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = ASGITransport(app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://bff") as http:
            yield Client(http, app.state.resources)


async def until_refused(client: Client, token: str) -> None:
    async with no_hang():
        while await is_signed_in(client, token):  # noqa: ASYNC110 - a server is watched
            await asyncio.sleep(0.002)


BUSES = {"none": "memory://", "the database's": "", "redis": REDIS_URL}


@pytest.mark.parametrize("bus", [bus for bus in BUSES if bus != "redis" or REDIS])
async def test_a_device_that_is_signed_out_here_is_signed_out_there(
    settings: Settings, bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that a bus between processes revokes devices before the next poll."""
    if bus == "redis" or (bus == "the database's" and settings.database_url.startswith("postgres")):
        monkeypatch.setattr(revocations, "_POLL_SECONDS", 3600.0)
    sharing = settings_for(
        settings.database_url,
        bus_url=BUSES[bus],
        bus_name=f"test-{secrets.token_hex(4)}",
    )
    async with process(sharing) as here, process(sharing) as there:
        mine, other = await sign_in(here, "ana"), await sign_in(here, "ana")
        assert await is_signed_in(there, other["accessToken"])
        await asyncio.sleep(0.3)
        sent = {"deviceId": other["device"]["id"]}
        await act(here, "RevokeDevice", sent, token=mine["accessToken"])
        assert not await is_signed_in(here, other["accessToken"])
        await until_refused(there, other["accessToken"])
        assert await is_signed_in(there, mine["accessToken"])


async def test_a_process_that_starts_later_knows_it_too(settings: Settings, client: Client) -> None:
    session = await sign_in(client, "ana")
    await act(client, "LogOut", token=session["accessToken"])
    async with process(settings) as late:
        assert not await is_signed_in(late, session["accessToken"])


async def test_what_is_committed_late_is_not_missed_and_what_is_over_is_forgotten(resources: Resources) -> None:
    now, known = resources.clock(), Revocations(QUARTER)

    async def revoke(device_id: int, seconds_ago: float) -> None:
        await record_revoked(resources.database, 7, [device_id], now - timedelta(seconds=seconds_ago))

    await revoke(1, 10)
    await known.refresh(resources.database, now)
    await revoke(2, 15)
    await known.refresh(resources.database, now)
    assert [known.has(device_id) for device_id in (1, 2, 3)] == [True, True, False]
    await known.refresh(resources.database, now + QUARTER)
    assert known.has(1)
    await known.refresh(resources.database, now + QUARTER + timedelta(minutes=1))
    assert not known.has(1)
    await Revocations(QUARTER).refresh(resources.database, now + QUARTER + timedelta(minutes=1))


async def test_while_the_database_is_gone_the_process_goes_on_and_learns_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh, failures = Revocations.refresh, [Unavailable("gone")] * 2

    async def failing(self: Revocations, *arguments: object) -> None:
        if failures:
            raise failures.pop()
        await refresh(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Revocations, "refresh", failing)
    await record_revoked(client.resources.database, 7, [8], client.resources.clock())
    async with no_hang():
        while not client.resources.revocations.has(8):  # noqa: ASYNC110 - a set is watched
            await asyncio.sleep(0.02)


async def test_what_is_left_of_sessions_is_forgotten(client: Client) -> None:
    await sign_in(client, "ana")
    session = await sign_in(client, "ana")
    await act(client, "LogOut", token=session["accessToken"])
    fetch = client.resources.database.fetch
    await enqueued(client.resources, 1, handler="forget_old")
    await run_all(client.resources, HANDLERS)
    assert (len(await rows(client.resources, "revoked_devices")), len(await families(client))) == (1, 2)
    for table, column in (("revoked_devices", "revoked_at"), ("refresh_families", "expires_at")):
        await fetch(f"UPDATE {table} SET {column} = $1", client.resources.clock() - timedelta(days=2))
    await enqueued(client.resources, 2, handler="forget_old")
    await run_all(client.resources, HANDLERS)
    assert (await rows(client.resources, "revoked_devices"), await families(client)) == ([], [])


async def families(client: Client) -> list[int]:
    return [row["id"] for row in await rows(client.resources, "refresh_families")]
