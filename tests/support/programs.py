"""Starts programs that respond to HTTP, waits for them, and ends them."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, Response, TransportError

from tests.support.timing import HANG_SECONDS, no_hang

_PAUSE_SECONDS = 0.05


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def is_ok(response: Response) -> bool:
    return response.status_code == 200


@asynccontextmanager
async def responding(
    command: Sequence[str | Path],
    *,
    port: int,
    log: Path,
    path: str = "/readyz",
    accepts: Callable[[Response], bool] = is_ok,
    **options: Any,
) -> AsyncGenerator[tuple[asyncio.subprocess.Process, AsyncClient]]:
    """Runs a program from its first response at a path to the end of the block. Its output is added to a file.

    `options` are those of `asyncio.create_subprocess_exec`. A program that runs at the end of the block is terminated.
    """
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output, **options)
    try:
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=HANG_SECONDS) as http:
            await until_ready(http, process, path=path, accepts=accepts)
            yield process, http
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), HANG_SECONDS)


async def until_ready(
    http: AsyncClient,
    process: asyncio.subprocess.Process | None = None,
    *,
    path: str = "/readyz",
    accepts: Callable[[Response], bool] = is_ok,
) -> None:
    """Returns at the first response that `accepts` permits. Fails if the process has ended."""
    async with no_hang():
        while True:
            assert process is None or process.returncode is None, "the program has ended"
            with suppress(TransportError):
                if accepts(await http.get(path)):
                    return
            await asyncio.sleep(_PAUSE_SECONDS)
