"""Runs a command with a PostgreSQL server that exists only meanwhile:

python -m tests.support.with_postgres COMMAND…

The command finds the server at `TEST_DATABASE_URL`. Its data is in memory where possible, and it does not synchronize
files with the disk, which is most of the work of creating a database. If `TEST_DATABASE_URL` is set, or PostgreSQL's
programs are not installed, the command runs without such a server.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.postgres_server import PostgresServer, tool

_VARIABLE = "TEST_DATABASE_URL"
_MEMORY = Path("/dev/shm")  # noqa: S108 - its files get a folder with a random name
_ENOUGH_BYTES = 2 * 1024**3
_SETTINGS = {
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


def main(command: list[str]) -> int:
    """Returns the status of the command."""
    if _VARIABLE in os.environ or not _is_installed():
        return subprocess.call(command)
    with tempfile.TemporaryDirectory(prefix="bff-postgres-", dir=_parent()) as name:
        folder = Path(name)
        folder.chmod(0o755)
        return asyncio.run(_run(PostgresServer(folder), command))


async def _run(server: PostgresServer, command: list[str]) -> int:
    server.create()
    server.use_settings(_SETTINGS)
    await server.start()
    try:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, _VARIABLE: server.url})
        _pass_on_signals(process)
        return await process.wait()
    finally:
        await server.stop()


def _pass_on_signals(process: asyncio.subprocess.Process) -> None:
    """Ends the command, and then the server, when this process is told to end. Ctrl-C reaches the command by itself."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, process.terminate)


def _is_installed() -> bool:
    try:
        return all(map(tool, ("initdb", "postgres")))
    except FileNotFoundError:
        return False


def _parent() -> Path | None:
    """Returns the folder for the server's data: memory if there is enough, or None for the default."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH_BYTES else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
