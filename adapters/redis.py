"""Redis clients with a deadline, for calls that a request waits for: one server or a cluster."""

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters.breaker_log import BreakerLog
from core.errors import SettingsError

logger = logging.getLogger(__name__)

MAX_CONNECTIONS = 20
"""Maximum connections to each Redis. Further calls wait; the pool of a cluster would raise an error instead."""

REDIS_ERRORS = (redis.exceptions.RedisError, redis.exceptions.RedisClusterException, OSError, TimeoutError)
"""The exceptions of a call without an answer."""

_LOG_INTERVAL_SECONDS = 1.0
_GRACE_SECONDS = 0.005
"""The time for a busy event loop to receive a reply that has arrived already."""

_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.1, 2.0
"""Seconds between trial calls of a server that does not answer."""

_NUMBER = re.compile(r"/?|/\d{1,6}/?")

T = TypeVar("T")


class ServerAway(redis.exceptions.ConnectionError):
    """The server did not answer an earlier call, and has not answered a trial call since."""


class DeadlineRedis:
    """Answers within `deadline` seconds without retries, or raises one of `REDIS_ERRORS`.

    The first call without an answer opens the circuit breaker: further calls fail at once. Trial calls in the
    background close it, so no request waits for them. It logs the number of calls without an answer, at most once per
    second, with the `purpose` of the client.
    """

    def __init__(self, client: Redis | RedisCluster, deadline: float, purpose: str) -> None:
        self.client = client
        self.failures = 0
        self._deadline = deadline
        self._purpose = purpose
        self._breaker_log = BreakerLog(f"Redis of {purpose}")
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._running = set[asyncio.Task[Any]]()
        self._trials: asyncio.Task[None] | None = None
        """Calls the server until it answers, while the breaker is open."""
        self._logged_at = 0.0
        self._unlogged = 0

    @property
    def is_available(self) -> bool:
        """Whether calls reach the server. If not, they fail at once."""
        return self._trials is None

    async def call(self, call: Callable[[], Awaitable[T]]) -> T:
        """Makes a call of `client` when a connection is free, and returns its result."""
        try:
            if self._trials is not None:
                raise ServerAway
            return await self._with_deadline(self._in_slot(call))
        except REDIS_ERRORS as error:
            self._note_failure(error)
            raise

    async def close(self) -> None:
        if self._trials is not None:
            self._trials.cancel()
            await asyncio.wait([self._trials])
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.client.aclose()

    async def _in_slot(self, call: Callable[[], Awaitable[T]]) -> T:
        async with self._slots:
            return await call()

    async def _with_deadline(self, call: Coroutine[Any, Any, T]) -> T:
        """Raises `TimeoutError` at the deadline, even if redis-py suppresses the cancellation."""
        task = asyncio.create_task(call)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        try:
            done, _ = await asyncio.wait([task], timeout=self._deadline)
            if not done:
                done, _ = await asyncio.wait([task], timeout=_GRACE_SECONDS)
        finally:
            task.cancel()
        if not done:
            raise TimeoutError
        if task.cancelled():
            raise ServerAway
        return task.result()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    async def _try_until_answered(self) -> None:
        """Makes trial calls, at growing intervals, until one is answered. Then it closes the breaker."""
        client: Any = self.client
        pause = _FIRST_PAUSE_SECONDS
        while True:
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
            try:
                await self._with_deadline(client.ping())
            except redis.exceptions.ResponseError:
                break
            except Exception:  # noqa: BLE001 - whatever fails, calls wait for the next trial
                pause = min(2 * pause, _MAX_PAUSE_SECONDS)
            else:
                break
        self._trials = None
        self._breaker_log.note(is_open=False)

    def _note_failure(self, error: BaseException) -> None:
        if self._trials is None and not isinstance(error, redis.exceptions.ResponseError):
            for task in self._running:  # no call waits for its own deadline
                task.cancel()
            self._trials = asyncio.create_task(self._try_until_answered())
        self._breaker_log.note(is_open=self._trials is not None, cause=type(error).__name__)
        self.failures += 1
        self._unlogged += 1
        now = time.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_SECONDS:
            cause = type(error).__name__
            logger.warning("%s: Redis does not answer: %s", self._purpose, cause, extra={"times": self._unlogged})
            self._logged_at, self._unlogged = now, 0


def open_redis(variable: str, url: str, deadline: float, purpose: str) -> DeadlineRedis:
    """Returns a client, which connects when it is first used. Raises `SettingsError` for an invalid URL."""
    scheme = url.partition(":")[0]
    if scheme not in _CLIENTS:
        raise SettingsError(f"{variable}: no driver for {scheme}://; use redis://, redis+cluster:// or an empty value")
    check_redis_url(variable, url)
    return DeadlineRedis(_CLIENTS[scheme](url, deadline), deadline, purpose)


async def ping_redis(variable: str, url: str, deadline: float) -> str | None:
    """Returns why the Redis of a setting cannot be used, without parts of its URL; None if it can.

    The cause is the reply that rejects the connection, such as `DB index is out of range`, or the name of an exception.
    Returns None, too, for URLs of other servers and of sentinels.
    """
    if url.partition(":")[0] not in _CLIENTS:
        return None
    opened = open_redis(variable, url, deadline, variable)
    try:
        client: Any = opened.client
        await opened.call(client.ping)
    except redis.exceptions.ResponseError as error:
        return str(error)
    except REDIS_ERRORS as error:
        return type(error).__name__
    finally:
        await opened.close()
    return None


def check_redis_url(variable: str, url: str) -> None:
    """Raises `SettingsError` for an invalid URL, without quoting it.

    redis-py would read a malformed database number as 0, and detects other errors only when it connects.
    """
    hint = "use redis://USER:PASSWORD@HOST:PORT/NUMBER"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise SettingsError(f"{variable}: the host or port is malformed; {hint}") from error
    if not has_host:
        raise SettingsError(f"{variable}: the URL has no host; {hint}")
    if not _NUMBER.fullmatch(parts.path):
        raise SettingsError(f"{variable}: the database is not a number; {hint}")
    try:
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        plain = parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()
        ConnectionPool.from_url(plain).make_connection()
    except Exception as error:  # redis-py raises various errors for unknown options
        raise SettingsError(f"{variable}: an option is unknown or malformed; {hint}") from error
    if "+cluster" in parts.scheme and (parts.path.strip("/") or options.get("db") or "0") != "0":
        raise SettingsError(f"{variable}: a cluster has only the database 0; {hint}")
    if "" in options.values():
        raise SettingsError(f"{variable}: an option has no value; {hint}")


def _one(url: str, deadline: float) -> Redis:
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=MAX_CONNECTIONS,
        timeout=deadline,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def _cluster(url: str, deadline: float) -> RedisCluster:
    return RedisCluster.from_url(
        url.replace("+cluster", "", 1),
        max_connections=MAX_CONNECTIONS,
        socket_timeout=deadline,
        socket_connect_timeout=deadline,
        retry=Retry(NoBackoff(), 0),
    )


_CLIENTS = {"redis": _one, "rediss": _one, "redis+cluster": _cluster, "rediss+cluster": _cluster}
