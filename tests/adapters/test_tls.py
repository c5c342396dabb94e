"""A PostgreSQL server with TLS and a self-signed certificate."""

import subprocess
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.bus import open_bus
from core.errors import SettingsError
from core.settings import Settings
from services.resources import open_resources
from tests.campaign.support.campaign import folder_of
from tests.conftest import ENGINES
from tests.support.postgres_server import PostgresServer
from tests.support.timing import DEADLINE, MOMENT, settings_for

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

ENCRYPTED = (
    "SELECT a.application_name AS name, s.ssl AS encrypted FROM pg_stat_ssl s JOIN pg_stat_activity a ON a.pid = s.pid "
    "WHERE a.application_name LIKE 'bff%' ORDER BY 1"
)

IN_CLEAR = {"bff": False, "bff-bus": False, "bff-migrate": False}


class Servers(NamedTuple):
    tls: PostgresServer
    plain: PostgresServer
    certificate: Path
    other: Path


def self_signed(folder: Path, name: str, host: str) -> Path:
    path = folder / f"{name}.crt"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}"]
    files = ["-addext", f"subjectAltName=DNS:{host}", "-keyout", folder / f"{name}.key", "-out", path]
    subprocess.run([*request, *files], check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
async def servers() -> AsyncGenerator[Servers]:
    """Starts servers whose certificate names `localhost`, so it is not valid for `127.0.0.1`."""
    async with folder_of("tls") as folder:
        certificate = self_signed(folder, "server", "localhost")
        other = self_signed(folder, "other", "localhost")
        (folder / "one").mkdir()
        (folder / "two").mkdir()
        tls, plain = PostgresServer(folder / "one"), PostgresServer(folder / "two")
        tls.create()
        plain.create()
        tls.use_tls(certificate, folder / "server.key")
        await tls.start()
        await plain.start()
        yield Servers(tls, plain, certificate, other)
        await tls.stop()
        await plain.stop()


async def encrypted(url: str) -> dict[str, bool]:
    """Returns whether the server sees each kind of connection of a process as encrypted."""
    async with open_resources(settings_for(url)) as resources:
        with resources.bus.listen("log") as listener:
            assert await listener.wait(DEADLINE), "the bus has no connection"
            async with resources.database.dialect.migration_lock():
                return {row["name"]: row["encrypted"] for row in await resources.database.fetch(ENCRYPTED)}


@pytest.mark.parametrize("mode", ["require", "prefer", "verify-ca", "verify-full"])
async def test_every_connection_is_encrypted_as_the_url_says(servers: Servers, mode: str) -> None:
    url = servers.tls.url.replace("127.0.0.1", "localhost")
    root = f"&sslrootcert={servers.certificate}" if mode.startswith("verify") else ""
    connections = await encrypted(f"{url}?sslmode={mode}{root}")
    assert connections == dict.fromkeys(IN_CLEAR, True)


async def test_no_connection_is_encrypted_where_the_url_says_so(servers: Servers) -> None:
    assert await encrypted(f"{servers.tls.url}?sslmode=disable") == {
        "bff": False,
        "bff-bus": False,
        "bff-migrate": False,
    }


async def test_without_tls_on_the_server_nothing_is_sent_in_clear_text(servers: Servers) -> None:
    url = f"{servers.plain.url}?sslmode=require"
    with pytest.raises(SettingsError, match=r"^BFF_DATABASE_URL: cannot connect"):
        async with open_resources(settings_for(url)):
            pass
    bus = open_bus(Settings(bus_url=url, database_deadline=2))
    with bus.listen("log") as listener:
        assert not await listener.wait(3 * MOMENT), "the bus has a connection without TLS"
    await bus.close()
    assert await encrypted(f"{servers.plain.url}?sslmode=prefer") == IN_CLEAR


@pytest.mark.parametrize("why", ["another name", "another certificate"])
async def test_a_server_that_cannot_prove_who_it_is_is_refused(servers: Servers, why: str) -> None:
    named = servers.tls.url if why == "another name" else servers.tls.url.replace("127.0.0.1", "localhost")
    root = servers.certificate if why == "another name" else servers.other
    with pytest.raises(SettingsError, match=r"^BFF_DATABASE_URL: cannot connect .*certificate verify failed"):
        async with open_resources(settings_for(f"{named}?sslmode=verify-full&sslrootcert={root}")):
            pass
