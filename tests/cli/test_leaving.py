"""`bff serve` with `BFF_LEAVE_SECONDS` leaves its load balancers before it stops."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from httpx2 import AsyncClient
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.cli.test_commands import BFF, bff
from tests.cli.test_processes import children_of
from tests.support.programs import free_port, until_ready
from tests.support.sockets import TRANSPORT_WS, SocketClient
from tests.support.timing import DEADLINES, HANG_SECONDS, no_hang, until

ANSWER = {"data": {"__typename": "Query"}}
LONG = "600"


@asynccontextmanager
async def started(
    folder: Path, leave_seconds: str, *arguments: str
) -> AsyncGenerator[tuple[asyncio.subprocess.Process, AsyncClient]]:
    """Runs a server that a test stops. The client opens a connection for each request."""
    assert bff("migrate", folder=folder).returncode == 0
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "BFF_LEAVE_SECONDS": leave_seconds, **DEADLINES}
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            BFF, "serve", *arguments, cwd=folder, env=environment, stdout=log, stderr=log
        )
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=HANG_SECONDS) as http:
            await until_ready(http, process)
            yield process, http
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def is_leaving(http: AsyncClient) -> None:
    async with no_hang():
        while (response := await http.get("/readyz")).status_code == 200:
            pass
    assert (response.status_code, response.json()) == (503, {"status": "stopping"})


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_a_server_that_leaves_is_not_ready_and_answers_until_it_stops(tmp_path: Path, processes: str) -> None:
    async with started(tmp_path, LONG, "--workers", processes) as (process, http):
        process.send_signal(signal.SIGTERM)
        await is_leaving(http)
        async with no_hang():
            while True:  # the header comes with the next tick of the server
                response = await http.post("/graphql", json={"query": "{ __typename }"})
                assert response.json() == ANSWER
                if response.headers.get("connection") == "close":
                    break
        assert (await http.get("/livez")).status_code == 200
        await until(lambda: (tmp_path / "log").read_text().count("the server stops in") == int(processes))
        for pid in children_of(process.pid) if processes == "2" else [process.pid]:
            os.kill(pid, signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), HANG_SECONDS) in (0, -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "log").read_text()


async def test_a_server_that_leaves_accepts_sockets_and_then_tells_them_to_come_back(tmp_path: Path) -> None:
    async with started(tmp_path, LONG) as (process, http):
        process.send_signal(signal.SIGTERM)
        await is_leaving(http)
        url = str(http.base_url).replace("http", "ws") + "/graphql"
        async with no_hang(), connect(url, subprotocols=[Subprotocol(TRANSPORT_WS)], compression=None) as raw:
            client = SocketClient(raw)
            await client.init()
            assert (await client.answers("{ __typename }"))[0]["payload"] == ANSWER
            process.send_signal(signal.SIGTERM)
            code, reason = await client.closed()
        assert (code, reason.partition(";")[0]) == (1012, "The server is about to stop")
        assert await asyncio.wait_for(process.wait(), HANG_SECONDS) in (0, -signal.SIGTERM)


async def test_the_time_to_leave_ends(tmp_path: Path) -> None:
    async with started(tmp_path, "0.3") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), HANG_SECONDS) in (0, -signal.SIGTERM)
