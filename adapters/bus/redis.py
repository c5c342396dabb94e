"""`redis://`: a bus with PUBLISH and SUBSCRIBE, and a channel for each topic."""

import asyncio
import math
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import redis.asyncio
import redis.exceptions
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.bus.link import BusConnection, Driver, Link
from adapters.bus.wakes import Message

REDIS_ERRORS = (OSError, TimeoutError, redis.exceptions.RedisError)


class Channels(NamedTuple):
    """The channels of topics: their common prefix, and the commands for them."""

    prefix: str
    publish: str
    subscribe: str
    unsubscribe: str


def shared_channels(prefix: str) -> Channels:
    """Returns channels that all nodes of a cluster share."""
    return Channels(prefix, "PUBLISH", "SUBSCRIBE", "UNSUBSCRIBE")


def sharded_channels(prefix: str) -> Channels:
    """Returns channels each of which belongs to one node of a cluster."""
    return Channels(prefix, "SPUBLISH", "SSUBSCRIBE", "SUNSUBSCRIBE")


def redis_driver(url: str, prefix: str, deadline: float) -> Driver:
    """Returns a driver for the server of the URL, whose channels begin with the prefix. Calls have a deadline."""

    async def connect(link: Link) -> BusConnection:
        return await open_connection(create, channels, deadline, link)

    create, channels = connections_to(url, deadline), shared_channels(prefix)
    return Driver(connect, REDIS_ERRORS)


def connections_to(url: str, deadline: float, options: Mapping[str, Any] | None = None) -> Callable[[], Any]:
    """Returns a function that creates connections to the server of the URL, without connecting.

    Options replace those of the URL, such as its host. There are no retries. Reading has no deadline of its own, since
    a channel without messages is normal.
    """
    pool: Any = redis.asyncio.ConnectionPool.from_url(url)
    pool.connection_kwargs |= {
        "protocol": 2,
        "decode_responses": False,
        "health_check_interval": 0,
        "retry": Retry(NoBackoff(), 0),
        "socket_connect_timeout": deadline,
        "socket_timeout": None,
        **(options or {}),
    }
    return pool.make_connection


async def open_connection(create: Callable[[], Any], channels: Channels, deadline: float, link: Link) -> BusConnection:
    """Returns an open connection. Raises one of `REDIS_ERRORS`."""
    connection = RedisConnection(create, channels, deadline, link)
    try:
        await connection.open()
    except BaseException:
        await connection.close()
        raise
    return connection


class RedisConnection(BusConnection):
    """Sends over one connection and receives over another, since a subscribed connection cannot send."""

    def __init__(self, create: Callable[[], Any], channels: Channels, deadline: float, link: Link) -> None:
        self._sender = create()
        self._receiver = create()
        self._channels = channels
        self._deadline = deadline
        self._link = link
        self._expected = set[str]()
        self._confirmed = set[str]()
        self._pongs = 0
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> None:
        async with asyncio.timeout(self._deadline):
            await self._sender.connect()
            await self._receiver.connect()
        self._reader = asyncio.create_task(self._read())

    def raise_if_closed(self) -> None:
        if self._reader is not None and self._reader.done():
            self._reader.result()

    async def subscribe(self, topics: Collection[str]) -> None:
        self._expected.update(topics)
        # In a cluster, channels of one command must belong to one slot.
        await self._request([(self._channels.subscribe, self._channels.prefix + topic) for topic in topics])
        await self._until(lambda: self._confirmed.issuperset(topics))

    async def unsubscribe(self, topics: Collection[str]) -> None:
        self._expected.difference_update(topics)
        await self._request([(self._channels.unsubscribe, self._channels.prefix + topic) for topic in topics])
        await self._until(lambda: self._confirmed.isdisjoint(topics))

    async def send(self, messages: Collection[Message]) -> None:
        commands = [
            (self._channels.publish, self._channels.prefix + message.topic, message.payload) for message in messages
        ]
        await self._call(commands)

    async def check(self) -> None:
        await self._call([("PING",)])
        pongs = self._pongs
        await self._request([("PING",)])
        await self._until(lambda: self._pongs > pongs)

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        for connection in (self._sender, self._receiver):
            with suppress(*REDIS_ERRORS):
                await connection.disconnect(nowait=True)
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _call(self, commands: list[tuple[str, ...]]) -> None:
        """Sends commands together, and reads their results."""
        async with asyncio.timeout(self._deadline):
            await _write(self._sender, commands)
            for _ in commands:
                await self._sender.read_response(timeout=math.inf)

    async def _request(self, commands: list[tuple[str, ...]]) -> None:
        """Sends commands whose results arrive among the messages."""
        async with asyncio.timeout(self._deadline):
            await _write(self._receiver, commands)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(self._deadline):
            while not condition():
                self._changed.clear()
                self.raise_if_closed()
                await self._changed.wait()

    async def _read(self) -> None:
        """Reads messages until the connection is lost, and raises the error then."""
        try:
            while True:
                self._on_reply(await self._receiver.read_response(timeout=math.inf))
        finally:
            self._changed.set()
            self._link.notify()

    def _on_reply(self, reply: Any) -> None:
        match reply:
            case [b"message" | b"smessage", bytes(channel), bytes(payload)]:
                self._link.on_message(self._topic_of(channel), payload.decode(errors="replace"))
                return
            case [b"subscribe" | b"ssubscribe", bytes(channel), _]:
                self._confirmed.add(self._topic_of(channel))
            case [b"unsubscribe" | b"sunsubscribe", bytes(channel), _]:
                self._on_unsubscribed(self._topic_of(channel))
            case _:  # the answer to PING, whose form depends on whether there are subscriptions
                self._pongs += 1
        self._changed.set()

    def _on_unsubscribed(self, topic: str) -> None:
        self._confirmed.discard(topic)
        if topic in self._expected:  # the slot of the channel belongs to another node
            raise ConnectionError

    def _topic_of(self, channel: bytes) -> str:
        return channel.decode().removeprefix(self._channels.prefix)


async def _write(connection: Any, commands: list[tuple[str, ...]]) -> None:
    if not connection.is_connected:  # redis-py would connect again
        raise ConnectionError
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
