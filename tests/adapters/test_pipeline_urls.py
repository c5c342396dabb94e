"""Pipelines read URLs as asyncpg does: passwords, password files, sockets and TLS."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import asyncpg
import pytest

from core.errors import SettingsError
from services.resources import open_resources
from tests.adapters.test_tls import self_signed
from tests.campaign.support.campaign import folder_of
from tests.conftest import ENGINES
from tests.support.postgres_server import PostgresServer
from tests.support.timing import no_hang, settings_for

pytestmark = pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")

PASSWORD = "p@ss/w+ord%"
OWN = (
    "SELECT current_user AS role, current_database() AS name, current_setting('application_name') AS app, "
    "current_setting('jit') AS jit, current_setting('idle_in_transaction_session_timeout') AS idle, "
    "host(inet_server_addr()) AS host, ssl AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
)


class Server(NamedTuple):
    port: int
    sockets: Path
    certificate: Path


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[Server]:
    """Requires passwords (SCRAM) of the user `ana` and the database `shop`, over TCP with TLS and over a socket."""
    async with folder_of("urls") as folder:
        certificate = self_signed(folder, "server", "localhost")
        made = PostgresServer(folder)
        made.create()
        made.use_tls(certificate, folder / "server.key")
        made.use_settings({"unix_socket_directories": str(folder / "data")})
        await made.start()
        connection: Any = await asyncpg.connect(made.url)
        await connection.execute(f"CREATE ROLE ana LOGIN PASSWORD '{PASSWORD}'")
        await connection.execute("CREATE DATABASE shop OWNER ana")
        rules = "".join(f"{kind} all ana {where} scram-sha-256\n" for kind, where in (("local", ""), ("host", "all")))
        (folder / "data/pg_hba.conf").write_text(f"{rules}host all postgres all trust\n")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()
        yield Server(made.port, folder / "data", certificate)
        await made.stop()


async def own(url: str) -> dict[str, Any]:
    async with open_resources(settings_for(url, bus_url="memory://")) as resources:
        (row,) = await resources.database.fetch(OWN)
        return row


EXPECTED = {"role": "ana", "name": "shop", "app": "bff", "jit": "off", "idle": "30s"}


async def test_a_password_in_the_url(server: Server) -> None:
    url = f"postgres://ana:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/shop?sslmode=disable"
    assert await own(url) == EXPECTED | {"host": "127.0.0.1", "encrypted": False}


async def test_a_password_among_the_options(server: Server) -> None:
    url = (
        f"postgresql://127.0.0.1:{server.port}?user=ana&password={quote(PASSWORD, safe='')}&dbname=shop&sslmode=prefer"
    )
    assert await own(url) == EXPECTED | {"host": "127.0.0.1", "encrypted": True}


async def test_a_password_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.write_text(f"localhost:{server.port}:shop:ana:{PASSWORD}\n")
    file.chmod(0o600)
    found = await own(f"postgres://ana@localhost:{server.port}/shop?passfile={quote(str(file))}")
    assert found | {"host": ""} == EXPECTED | {"host": "", "encrypted": True}


async def test_a_socket(server: Server) -> None:
    url = f"postgres://ana:{quote(PASSWORD, safe='')}@/shop?host={quote(str(server.sockets))}&port={server.port}"
    assert await own(url) == EXPECTED | {"host": None, "encrypted": False}


async def test_the_certificate_of_the_server_is_verified(server: Server) -> None:
    start = f"postgres://ana:{quote(PASSWORD, safe='')}"
    options = f"sslmode=verify-full&sslrootcert={quote(str(server.certificate))}"
    found = await own(f"{start}@localhost:{server.port}/shop?{options}")
    assert found["encrypted"] is True
    with pytest.raises(SettingsError, match="certificate verify failed"):
        await own(f"{start}@127.0.0.1:{server.port}/shop?{options}")


async def test_large_results_arrive_over_tls(server: Server) -> None:
    """Their records are larger than what libpq reads at once, so OpenSSL keeps parts of them."""
    url = f"postgres://ana:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/shop?sslmode=require"
    async with no_hang(), open_resources(settings_for(url, bus_url="memory://")) as resources:
        for size in range(1000, 120_000, 1777):
            sql = "SELECT repeat('x', $1) AS a, repeat('y', $1) AS b"
            results = await asyncio.gather(*(resources.database.fetch(sql, size + more) for more in range(3)))
            assert [len(rows[0]["a"] + rows[0]["b"]) for rows in results] == [2 * (size + more) for more in range(3)]


async def test_a_second_host_and_options_of_the_server(server: Server) -> None:
    start = f"postgres://ana:{quote(PASSWORD, safe='')}@127.0.0.1:1,127.0.0.1:{server.port}/shop"
    found = await own(f"{start}?application_name=my+app&options=-c%20work_mem%3D7MB&target_session_attrs=read-write")
    assert found["app"] == "my app"


async def test_a_host_that_does_not_answer_leaves_time_for_the_next_one(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgres://ana:{quote(PASSWORD, safe='')}@127.0.0.1:{port},127.0.0.1:{server.port}/shop"
        assert await own(f"{url}?connect_timeout=4") == EXPECTED | {"host": "127.0.0.1", "encrypted": True}
