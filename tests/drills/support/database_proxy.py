"""Runs HAProxy with the configuration of deploy/ in front of the nodes of a database."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.drills.support.patroni import PROJECT, Node
from tests.support import proxies
from tests.support.programs import free_port, responding


@asynccontextmanager
async def database_proxy(folder: Path, nodes: Sequence[Node]) -> AsyncGenerator[int]:
    """Yields the port at which the primary is reached."""
    port, metrics = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PG_BIND": f"127.0.0.1:{port}",
        "PG_METRICS_BIND": f"127.0.0.1:{metrics}",
        **{f"PG_NODE_{number}": f"127.0.0.1:{node.port}" for number, node in enumerate(nodes, 1)},
        **{f"PG_REST_{number}": f"127.0.0.1:{node.rest}" for number, node in enumerate(nodes, 1)},
    }
    command = [proxies.PROGRAMS["haproxy"], "-db", "-f", str(PROJECT / "deploy/haproxy/postgres.cfg")]
    async with responding(command, port=metrics, log=folder / "database-proxy.log", path="/metrics", env=environment):
        yield port
