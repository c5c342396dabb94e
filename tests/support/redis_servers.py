"""Starts Redis servers, alone or as a cluster, which can be killed."""

import asyncio
import shutil
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import redis.asyncio
import redis.exceptions
from redis.crc import key_slot

from tests.support.timing import no_hang

INSTALLED = shutil.which("redis-server") is not None
SLOTS = 16_384

_CLUSTER = [
    *("--cluster-enabled", "yes"),
    *("--cluster-node-timeout", "1000"),
    *("--cluster-replica-validity-factor", "0"),
    *("--repl-diskless-sync-delay", "0"),
    *("--repl-ping-replica-period", "1"),  # a replica is not available before the first ping
]


class Certificate(NamedTuple):
    """A certificate for `localhost`, and its key."""

    certificate: Path
    key: Path


class RedisServer:
    """Runs Redis with its data in a folder, so that it is the same node of a cluster after a kill."""

    def __init__(self, folder: Path, *options: str, tls: Certificate | None = None) -> None:
        folder.mkdir()
        self._folder = folder
        self.port, self.bus_port = _free_ports(2)
        self._options = [*options, "--bind", "127.0.0.1", "--save", ""]
        if "--cluster-enabled" in options:
            self._options += ["--cluster-port", str(self.bus_port), "--tls-cluster", "yes" if tls else "no"]
        if tls is None:
            self.url = f"redis://127.0.0.1:{self.port}"
            self._options += ["--port", str(self.port)]
        else:
            self.url = f"rediss://localhost:{self.port}?ssl_ca_certs={tls.certificate}"
            self._options += ["--tls-cert-file", str(tls.certificate), "--tls-key-file", str(tls.key)]
            self._options += [
                "--tls-ca-cert-file",
                str(tls.certificate),
                "--port",
                "0",
                "--tls-port",
                str(self.port),
                "--tls-auth-clients",
                "no",
            ]
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "redis-server", *self._options, cwd=self._folder, stdout=log, stderr=log
            )
        await _until(self._answers)

    async def call(self, *command: Any) -> Any:
        """Returns the result of a command."""
        async with redis.asyncio.from_url(self.url, protocol=2, decode_responses=True) as client:
            return await client.execute_command(*command)

    async def until_subscribed(self, channels: AbstractSet[str]) -> None:
        """Returns when exactly these sharded channels have subscribers."""
        await _until(lambda: self._has_channels(channels))

    async def _has_channels(self, channels: AbstractSet[str]) -> bool:
        return set(await self.call("PUBSUB SHARDCHANNELS")) == channels

    async def info(self, section: str) -> dict[str, Any]:
        async with redis.asyncio.from_url(self.url) as client:
            return await client.info(section)

    def pause(self) -> None:
        """Makes it silent, without closing its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Ends a pause."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, "Redis has ended"
        try:
            return await self.call("PING") in {"PONG", True}
        except (OSError, redis.exceptions.ConnectionError):
            return False


class RedisCluster:
    """Has primaries that share the slots evenly, and a Redis replica of the first."""

    def __init__(self, primaries: Sequence[RedisServer], replica: RedisServer) -> None:
        self.primaries = primaries
        self.replica = replica

    @property
    def servers(self) -> list[RedisServer]:
        return [*self.primaries, self.replica]

    @property
    def url(self) -> str:
        """The address of the last primary."""
        return self.primaries[-1].url.replace("://", "+cluster://")

    def owner_of(self, channel: str) -> RedisServer:
        """Returns the server that owns a channel at first."""
        return self.primaries[min(key_slot(channel.encode()) // self._share, len(self.primaries) - 1)]

    @property
    def _share(self) -> int:
        return SLOTS // len(self.primaries)

    async def form(self) -> None:
        for number, server in enumerate(self.primaries):
            last = SLOTS if server is self.primaries[-1] else (number + 1) * self._share
            await server.call("CLUSTER ADDSLOTSRANGE", number * self._share, last - 1)
            await server.call("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for server in self.servers[1:]:
            await server.call("CLUSTER MEET", "127.0.0.1", self.primaries[0].port, self.primaries[0].bus_port)
        await self.until_complete()
        await self.replica.call("CLUSTER REPLICATE", await self.primaries[0].call("CLUSTER MYID"))
        await _until(self._replicates)
        for server in self.servers:
            await _until(partial(self._knows_replica, server))

    async def until_complete(self) -> None:
        """Returns when every running node knows an owner of every slot."""
        for server in self.servers:
            await _until(partial(self._is_complete, server))

    async def _is_complete(self, server: RedisServer) -> bool:
        try:
            owned = sum(last + 1 - first for first, last, *_ in await server.call("CLUSTER SLOTS"))
            return owned == SLOTS and (await server.call("CLUSTER INFO"))["cluster_state"] == "ok"
        except redis.exceptions.ConnectionError:  # it is loading after a restart
            return False

    async def _knows_replica(self, server: RedisServer) -> bool:
        return any(len(nodes) > 1 for _, _, *nodes in await server.call("CLUSTER SLOTS"))

    async def _replicates(self) -> bool:
        return (await self.replica.info("replication")).get("master_link_status") == "up"


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncGenerator[RedisServer]:
    server = RedisServer(folder / "redis")
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@asynccontextmanager
async def redis_cluster(folder: Path) -> AsyncGenerator[RedisCluster]:
    """Yields a cluster of three primaries and a Redis replica, which fails over after about a second."""
    async with AsyncExitStack() as stack:
        servers = [RedisServer(folder / f"node-{number}", *_CLUSTER) for number in range(4)]
        for server in servers:
            await server.start()
            stack.push_async_callback(server.kill)
        cluster = RedisCluster(servers[:3], servers[3])
        await cluster.form()
        yield cluster


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with no_hang():
        while not await condition():  # noqa: ASYNC110 - the condition is not an event
            await asyncio.sleep(0.02)


def _free_ports(count: int) -> list[int]:
    chosen = [socket.socket() for _ in range(count)]
    for one in chosen:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in chosen]
    for one in chosen:
        one.close()
    return ports
