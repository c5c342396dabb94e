"""Runs PgBouncer in front of a PostgreSQL server."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.timing import no_hang

_PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
INSTALLED = bool(_PROGRAM)
IGNORED = "extra_float_digits,idle_in_transaction_session_timeout,jit,options"
"""The options of our connections that PgBouncer has to ignore, as docs/operations.md says."""


@asynccontextmanager
async def pgbouncer(folder: Path, url: str, mode: str) -> AsyncGenerator[str]:
    """Yields the URL of PgBouncer in a mode, such as `session`. The user `nobody` must be able to read the folder."""
    target = urlsplit(url)
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    user = target.username or "postgres"
    (folder / "users").write_text(f'"{user}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={target.hostname} port={target.port or 5432}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = trust\nauth_file = {folder}/users\npool_mode = {mode}\n"
        f"ignore_startup_parameters = {IGNORED}\ndefault_pool_size = 20\n"
    )
    process = await asyncio.create_subprocess_exec(
        _PROGRAM,
        folder / "pgbouncer.ini",
        user="nobody" if os.geteuid() == 0 else None,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with no_hang():
            while not await _listens(port):
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield target._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()
    finally:
        process.kill()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
