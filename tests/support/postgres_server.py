"""Starts PostgreSQL servers for tests, which can be killed."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg

from tests.support.programs import free_port

_UNPRIVILEGED_USER = "nobody"
_PATIENCE = 60.0


class PostgresServer:
    """Runs PostgreSQL as the current user, or as `nobody` when that is root."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._log = folder / "postgres.log"
        self._user = _UNPRIVILEGED_USER if os.geteuid() == 0 else None
        self._port = free_port()
        self._options: list[str] = []
        self._process: asyncio.subprocess.Process | None = None

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self._port}/postgres"

    def create(self) -> None:
        """Creates the database cluster. The user must be able to access `folder`."""
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user)
        initdb = [tool("initdb"), "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
        subprocess.run(initdb, check=True, capture_output=True, user=self._user, cwd="/")

    def copy(self, primary: "PostgresServer") -> None:
        """Creates a standby of a server that is running."""
        backup = [tool("pg_basebackup"), "-D", self._data, "-d", primary.url, "--write-recovery-conf", "-c", "fast"]
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user)
        subprocess.run(backup, check=True, capture_output=True, user=self._user, cwd="/")

    def use_tls(self, certificate: Path, key: Path) -> None:
        """Enables TLS from the next start."""
        for source, name in ((certificate, "server.crt"), (key, "server.key")):
            shutil.copy(source, self._data / name)
            (self._data / name).chmod(0o600)
            if self._user:
                shutil.chown(self._data / name, self._user)
        self.use_settings({"ssl": "on"})

    def use_settings(self, settings: Mapping[str, str]) -> None:
        """Changes settings from the next start."""
        self._options += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    async def start(self) -> None:
        """Returns when it takes connections; after a kill it recovers first."""
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self._port}", "-c", "unix_socket_directories="]
        options += self._options
        async with asyncio.timeout(_PATIENCE):
            while True:
                with self._log.open("ab") as log:
                    self._process = await asyncio.create_subprocess_exec(
                        tool("postgres"),
                        "-D",
                        self._data,
                        *options,
                        stdout=log,
                        stderr=log,
                        user=self._user,
                        cwd="/",
                        start_new_session=True,
                    )
                if await self._answers():
                    return

    async def _answers(self) -> bool:
        """Waits until the server responds. Returns False when it ended because of remaining old processes."""
        assert self._process is not None
        while self._process.returncode is None:
            try:
                await (await asyncpg.connect(self.url, timeout=2)).close()
            except (OSError, TimeoutError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
            else:
                return True
        return False

    async def execute(self, *statements: str) -> Any:
        """Runs statements, and returns the value of the last one."""
        connection: Any = await asyncpg.connect(self.url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    async def kill(self) -> None:
        """Kills the server with SIGKILL. Its child processes end when they notice."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def crash(self) -> None:
        """Ends all processes at once without a checkpoint, which is PostgreSQL's immediate shutdown."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        await self._process.wait()

    async def stop(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@asynccontextmanager
async def running_postgres(
    folder: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[PostgresServer]:
    """Runs a server with an empty database until the end of the block."""
    postgres = PostgresServer(folder)
    postgres.create()
    postgres.use_settings(settings)
    await postgres.start()
    try:
        yield postgres
    finally:
        await postgres.stop()


@asynccontextmanager
async def running_standby(
    primary: PostgresServer, folder: Path, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[PostgresServer]:
    """Runs a standby of a server until the end of the block."""
    standby = PostgresServer(folder)
    standby.copy(primary)
    standby.use_settings(settings)
    await standby.start()
    try:
        yield standby
    finally:
        await standby.stop()


def tool(name: str) -> str:
    """Returns the path of one of PostgreSQL's programs."""
    found = shutil.which(name) or next((str(path) for path in _installed(name)), None)
    if found is None:
        raise FileNotFoundError(f"PostgreSQL's {name} is not installed")
    return found


def _installed(name: str) -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
