"""Starts and stops the compared servers with the same settings."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import CPUS, LOAD_CPU, SERVER_CPU, pinned, tool
from bench.world import PROJECT, BenchError
from core.settings import Settings

PEER = PROJECT / "bench/peers/mercurius"
NODE = "Node 20.19 or later"
NODE_OPTIONS = ("--max-semi-space-size=64",)
"""A flag for fewer collections of young objects, as operators of such Node servers usually set it."""

_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Contender:
    """Describes a server of the home screen with one or more processes.

    With `on_one_machine`, each process has its own CPU, which the load and the database share. `folder` has its code.
    With `is_bare`, the responses of another contender have to be stored in it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    processes: int = 1
    on_one_machine: bool = False
    folder: Path = PROJECT
    is_bare: bool = False

    @property
    def load_cpus(self) -> set[int]:
        """The CPUs of the load and the database."""
        return {self.cpu_of(process) for process in range(self.processes)} if self.on_one_machine else {LOAD_CPU}

    def cpu_of(self, process: int) -> int:
        return CPUS[process] if self.on_one_machine else SERVER_CPU


@dataclass(frozen=True, slots=True)
class Running:
    """Holds the processes of a contender and their ports."""

    contender: Contender
    pids: list[int] = field(default_factory=list[int])
    ports: list[int] = field(default_factory=list[int])


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Holds the settings that all contenders of a case share."""

    database_url: str
    secret_keys: str
    database_pool: int = Settings().database_pool

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "BFF_ENV": "production",
            "BFF_DATABASE_URL": self.database_url,
            "BFF_DATABASE_POOL": str(self.database_pool),
            "BFF_SECRET_KEYS": self.secret_keys,
            "BFF_LOG_LEVEL": "WARNING",
            "BFF_RATES": "off",  # a load comes from one address
        }


def ours(
    name: str, shared: ServerSettings, processes: int = 1, *, on_one_machine: bool = False, **settings: str
) -> Contender:
    command = [sys.executable, "-m", "cli.main", "serve"]
    return Contender(name, command, {**shared.environment(), **settings}, processes, on_one_machine)


def bare(name: str, settings: ServerSettings) -> Contender:
    """Returns uvicorn, with the options of our server, and an application that answers with stored bytes."""
    options = ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--log-level=warning", "--lifespan=off"]
    command = [sys.executable, "-m", "uvicorn", "bench.bare:application", *options]
    return Contender(name, command, settings.environment(), is_bare=True)


def on_node(name: str, settings: ServerSettings, folder: Path, environment: Mapping[str, str]) -> Contender:
    """Returns a server on Node from a folder. It uses modules of the Mercurius server."""
    for needed in {folder, PEER}:
        if not (needed / "node_modules/.package-lock.json").exists():
            raise BenchError(f"the packages of {needed.name} are not installed: run 'npm ci' in its folder")
    command = [tool("node", NODE), *NODE_OPTIONS, str(folder / "server.mjs")]
    return Contender(name, command, {**settings.environment(), "NODE_ENV": "production", **environment})


def mercurius(name: str, settings: ServerSettings, variant: str, statements: Mapping[str, str]) -> Contender:
    """Returns the Mercurius server. `statements` is the environment variable of `bench.peer_statements`."""
    return on_node(name, settings, PEER, {**statements, "PEER_VARIANT": variant})


@contextmanager
def started(contender: Contender) -> Generator[Running]:
    """Yields the contender's processes, ready for requests."""
    running = Running(contender)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(contender.processes):
            port = _free_port()
            environment = {**contender.environment, "PORT": str(port), "UVICORN_PORT": str(port)}
            command = pinned({contender.cpu_of(number)}, list(contender.command))
            process = subprocess.Popen(command, cwd=contender.folder, env=environment)
            processes.append(process)
            running.pids.append(process.pid)
            running.ports.append(port)
            _wait_until_ready(contender, process, port)
        yield running
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            _end(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait_until_ready(contender: Contender, process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BenchError(f"{contender.name}: the server ended at once")
        try:
            if get(port, "/readyz")[0] == http.client.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise BenchError(f"{contender.name}: the server was not ready within {_START_SECONDS:.0f} s")


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
