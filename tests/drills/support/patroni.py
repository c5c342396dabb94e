"""Runs etcd, and nodes of PostgreSQL that Patroni manages with the file of deploy/."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError

from tests.drills.support.process_trees import send, tree_of, until_gone
from tests.support.postgres_server import tool
from tests.support.programs import free_port, responding
from tests.support.timing import no_hang

PROJECT = Path(__file__).parent.parent.parent.parent
CONFIGURATION = PROJECT / "deploy/patroni/patroni.yml"
INSTALLED = all(shutil.which(name) for name in ("patroni", "patronictl", "etcd"))
UNPRIVILEGED = "nobody" if os.geteuid() == 0 else None
"""The Unix user of the servers if root runs the drill: PostgreSQL refuses to run as root."""

_ANSWER_SECONDS = 2.0
_PAUSE = 0.1


class Node:
    """Runs Patroni and its PostgreSQL in a folder, which it keeps when both are killed."""

    def __init__(self, name: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        if UNPRIVILEGED:
            shutil.chown(self.folder, UNPRIVILEGED)
        self.data = self.folder / "data"
        self.port, self.rest = free_port(), free_port()
        self.environment = {
            **environment,
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PATRONI_NAME": name,
            "PATRONI_RESTAPI_LISTEN": f"127.0.0.1:{self.rest}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"127.0.0.1:{self.rest}",
            "PATRONI_POSTGRESQL_LISTEN": f"127.0.0.1:{self.port}",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"127.0.0.1:{self.port}",
            "PATRONI_POSTGRESQL_DATA_DIR": str(self.data),
            "PATRONI_POSTGRESQL_BIN_DIR": str(Path(tool("postgres")).resolve().parent),
            "PATRONI_POSTGRESQL_PGPASS": str(self.folder / "pgpass"),
            "PGBACKREST_PG1_PATH": str(self.data),
            "PGBACKREST_PG1_PORT": str(self.port),
            "PGBACKREST_PG1_SOCKET_PATH": str(self.data),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._paused: list[int] = []

    async def start(self) -> None:
        """Starts Patroni, and returns at once."""
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "patroni",
                CONFIGURATION,
                stdout=log,
                stderr=log,
                env=self.environment,
                user=UNPRIVILEGED,
                cwd=self.folder,
                start_new_session=True,
            )

    async def status(self, path: str) -> int:
        """Returns the status that Patroni responds with at a path such as `/primary`. It is 0 without a response."""
        try:
            async with AsyncClient(base_url=f"http://127.0.0.1:{self.rest}", timeout=_ANSWER_SECONDS) as http:
                return (await http.get(path)).status_code
        except HTTPError:
            return 0

    async def is_at(self, path: str) -> bool:
        return await self.status(path) == 200

    def _postgres(self) -> list[int]:
        with suppress(OSError, ValueError):
            return tree_of(int((self.data / "postmaster.pid").read_text().splitlines()[0]))
        return []

    def _all(self) -> list[int]:
        assert self._process is not None
        return [*tree_of(self._process.pid), *self._postgres()]

    async def kill_postgres(self) -> None:
        """Kills PostgreSQL with SIGKILL. Patroni goes on."""
        killed = self._postgres()
        send(killed, signal.SIGKILL)
        await until_gone(killed)

    async def kill(self) -> None:
        """Kills Patroni and PostgreSQL with SIGKILL."""
        assert self._process is not None
        killed = self._all()
        send(killed, signal.SIGKILL)
        await self._process.wait()
        await until_gone(killed)

    def pause(self) -> None:
        """Makes the node silent: connections stay open, and nothing answers."""
        self._paused = self._all()
        send(self._paused, signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause."""
        send(self._paused, signal.SIGCONT)
        self._paused = []

    async def stop(self) -> None:
        """Stops Patroni, which stops PostgreSQL."""
        self.resume()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        rest = self._postgres()
        send(rest, signal.SIGQUIT)
        await until_gone(rest)


class Cluster:
    """Has nodes of which one is the primary, and one the synchronous standby."""

    def __init__(self, nodes: Sequence[Node], superuser: str) -> None:
        self.nodes = nodes
        self.superuser_password = superuser

    async def node_at(self, path: str) -> Node:
        """Waits for a node at which Patroni responds to a path such as `/synchronous` with 200, and returns it."""
        async with no_hang():
            while True:
                for node in self.nodes:
                    if await node.is_at(path):
                        return node
                await asyncio.sleep(_PAUSE)

    async def primary(self) -> Node:
        return await self.node_at("/primary")

    async def standby(self) -> Node:
        """Returns the synchronous standby."""
        return await self.node_at("/synchronous")

    async def asynchronous_standby(self) -> Node:
        """Returns the asynchronous standby."""
        return await self.node_at("/asynchronous")

    async def until_complete(self) -> None:
        """Waits until one node is the primary, one is the synchronous standby, and the others are standbys."""
        async with no_hang():
            while not await self._is_complete():  # noqa: ASYNC110 - other processes change it
                await asyncio.sleep(_PAUSE)

    async def _is_complete(self) -> bool:
        paths = ("/primary", "/synchronous", "/replica")
        at = {path: [node for node in self.nodes if await node.is_at(path)] for path in paths}
        return [len(at[path]) for path in paths] == [1, 1, len(self.nodes) - 1]

    def admin_url(self, node: Node, database: str = "postgres") -> str:
        return f"postgres://postgres:{self.superuser_password}@127.0.0.1:{node.port}/{database}"

    async def control(self, *arguments: str) -> str:
        """Runs `patronictl` and returns its output."""
        node = self.nodes[0]
        process = await asyncio.create_subprocess_exec(
            *("patronictl", "-c", CONFIGURATION, *arguments),
            env=node.environment,
            cwd=node.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate(_CONFIRMATIONS.get(arguments[0], b"")))[0].decode()
        assert process.returncode == 0, said
        return said


_CONFIRMATIONS = {"remove": b"bff\nYes I am aware\n"}
"""The input of commands of `patronictl` that ask for a confirmation and have no option for it."""


@asynccontextmanager
async def etcd(folder: Path) -> AsyncGenerator[str]:
    """Runs one etcd, and yields its address."""
    client, peer = (f"127.0.0.1:{free_port()}" for _ in range(2))
    data = folder / "etcd"
    data.mkdir(mode=0o700)
    command: Any = [
        *("etcd", "--name", "etcd", "--data-dir", data, "--logger", "zap", "--log-level", "error"),
        *("--listen-client-urls", f"http://{client}", "--advertise-client-urls", f"http://{client}"),
        *("--listen-peer-urls", f"http://{peer}", "--initial-advertise-peer-urls", f"http://{peer}"),
        *("--initial-cluster", f"etcd=http://{peer}"),
    ]
    port = int(client.rpartition(":")[2])
    async with responding(command, port=port, log=folder / "etcd.log", path="/health"):
        yield client


@asynccontextmanager
async def patroni_cluster(folder: Path, environment: Mapping[str, str], number: int = 3) -> AsyncGenerator[Cluster]:
    """Yields a cluster of `number` nodes, which have `environment` in common."""
    superuser, replication = secrets.token_hex(8), secrets.token_hex(8)
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(etcd(folder))
        common = {
            **environment,
            "PATRONI_ETCD3_HOSTS": address,
            "PATRONI_SUPERUSER_USERNAME": "postgres",
            "PATRONI_SUPERUSER_PASSWORD": superuser,
            "PATRONI_REPLICATION_USERNAME": "replicator",
            "PATRONI_REPLICATION_PASSWORD": replication,
        }
        nodes = [Node(f"pg-{each + 1}", folder, common) for each in range(number)]
        cluster = Cluster(nodes, superuser)
        for node in nodes:
            await node.start()
            stack.push_async_callback(node.stop)
        await cluster.until_complete()
        yield cluster
