"""Starts `bff serve` and `bff worker` on a database."""

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import LOAD_CPU, pinned
from bench.servers import Running, ServerSettings, ours, started
from bench.world import PROJECT

CACHED, UNCACHED = "with the cache", "without the cache"

_END_SECONDS = 20
_PAGE_BYTES = 4096


class Deployment:
    """A running server and its worker."""

    def __init__(self, name: str, url: str, running: Running, worker: int) -> None:
        self.name = name
        self.url = url
        self.worker = worker
        self._running = running

    @property
    def server(self) -> int:
        return self._running.pids[0]

    @property
    def port(self) -> int:
        return self._running.ports[0]

    def resident_bytes(self) -> int:
        """Returns the resident memory of the server."""
        return int(Path(f"/proc/{self.server}/statm").read_text().split()[1]) * _PAGE_BYTES


@contextmanager
def deployed(name: str, settings: ServerSettings, cache_url: str) -> Generator[Deployment]:
    """Yields a server, and a worker on the CPU of the load. Without a URL they have no cache."""
    cache = {"BFF_CACHE_URL": cache_url} if cache_url else {}
    server = ours(name, settings)
    environment = {**server.environment, "BFF_METRICS": "true", **cache}
    server = type(server)(name, server.command, environment)
    with started(server) as running:
        command = pinned({LOAD_CPU}, [sys.executable, "-m", "cli.main", "worker"])
        worker = subprocess.Popen(command, cwd=PROJECT, env=environment)
        try:
            yield Deployment(name, settings.database_url, running, worker.pid)
        finally:
            worker.terminate()
            worker.wait(_END_SECONDS)
