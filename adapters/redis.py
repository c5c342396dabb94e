"""A Redis, or a cluster of them, for what a request waits for: it answers promptly or counts as gone."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from core.errors import SettingsError

logger = logging.getLogger(__name__)

CONNECTIONS = 20
"""To each Redis; more calls wait for one, which the pool of a cluster would not have them do."""

GONE = (redis.exceptions.RedisError, redis.exceptions.RedisClusterException, OSError, TimeoutError)
"""What a call raises when there is no answer."""

_SECONDS_BETWEEN_LINES = 1.0

_NUMBER = re.compile(r"/?|/\d{1,6}/?")

T = TypeVar("T")


class PromptRedis:
    """Answers within `deadline` seconds, or raises one of `GONE`: nothing is tried twice.

    A line in the log, one a second at most, says how often there was no answer, and to `whom`.
    """

    def __init__(self, client: Redis | RedisCluster, deadline: float, whom: str) -> None:
        self.client = client
        self.failures = 0
        self._deadline = deadline
        self._whom = whom
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._running = set[asyncio.Task[Any]]()
        self._told_at = 0.0
        self._untold = 0

    async def call(self, call: Callable[[], Awaitable[T]]) -> T:
        """What a call of `client` returns; it is made when its turn has come."""
        try:
            return await self._in_time(self._in_turn(call))
        except GONE as error:
            self._note_failure(error)
            raise

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.client.aclose()

    async def _in_turn(self, call: Callable[[], Awaitable[T]]) -> T:
        async with self._turns:
            return await call()

    async def _in_time(self, call: Coroutine[Any, Any, T]) -> T:
        """`TimeoutError` at the deadline; redis-py misses some cancellations when many calls wait for a connection."""
        task = asyncio.create_task(call)
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            done, _ = await asyncio.wait([task], timeout=self._deadline)
        finally:
            task.cancel()
        if not done:
            raise TimeoutError
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    def _note_failure(self, error: BaseException) -> None:
        self.failures += 1
        self._untold += 1
        now = time.monotonic()
        if now - self._told_at >= _SECONDS_BETWEEN_LINES:
            cause = type(error).__name__
            logger.warning("%s: Redis does not answer: %s", self._whom, cause, extra={"times": self._untold})
            self._told_at, self._untold = now, 0


def open_redis(variable: str, url: str, deadline: float, whom: str) -> PromptRedis:
    """Nothing is connected before it is used. `SettingsError` names the variable whose URL is wrong."""
    scheme = url.partition(":")[0]
    if scheme not in _CLIENTS:
        raise SettingsError(f"{variable}: no driver for {scheme}://; use redis://, or nothing")
    check_redis_url(variable, url)
    return PromptRedis(_CLIENTS[scheme](url, deadline), deadline, whom)


async def ping_redis(variable: str, url: str, deadline: float) -> str | None:
    """Returns why the Redis of a setting does not answer, without anything of its URL; None when it does.

    None, too, for what is no Redis, or one that is found by sentinels.
    """
    if url.partition(":")[0] not in _CLIENTS:
        return None
    redis = open_redis(variable, url, deadline, variable)
    try:
        client: Any = redis.client
        await redis.call(client.ping)
    except GONE as error:
        return type(error).__name__
    finally:
        await redis.close()
    return None


def check_redis_url(variable: str, url: str) -> None:
    """`SettingsError` in one line, which quotes nothing of the URL, for one that no connection can be made by.

    redis-py would take a database that is no number for 0, and finds other mistakes only when it connects.
    """
    hint = "write redis://USER:PASSWORD@HOST:PORT/NUMBER"
    try:
        parts = urlsplit(url)
        is_placed = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"{variable}: the host or port is malformed; {hint}") from error
    if not is_placed:
        raise SettingsError(f"{variable}: it names no host; {hint}")
    if not _NUMBER.fullmatch(parts.path):
        raise SettingsError(f"{variable}: a database of Redis is a number; {hint}")
    try:
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        plain = parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()
        ConnectionPool.from_url(plain).make_connection()
    except Exception as error:  # whatever redis-py makes of options that it does not know
        raise SettingsError(f"{variable}: an option is unknown or malformed; {hint}") from error
    if "" in options.values():
        raise SettingsError(f"{variable}: an option has no value; {hint}")


def _one(url: str, deadline: float) -> Redis:
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=deadline,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def _cluster(url: str, deadline: float) -> RedisCluster:
    return RedisCluster.from_url(
        url.replace("+cluster", "", 1),
        max_connections=CONNECTIONS,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )


_CLIENTS = {"redis": _one, "rediss": _one, "redis+cluster": _cluster, "rediss+cluster": _cluster}
