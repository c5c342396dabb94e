"""The circuit breaker of a Redis client with a deadline."""

import asyncio
from typing import Any

import pytest
import redis.exceptions

from adapters.redis import DeadlineRedis, open_redis
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.timing import DEADLINE, until

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")


async def fail(redis_: DeadlineRedis) -> None:
    """Makes a call that opens the breaker."""

    async def lose() -> None:
        raise redis.exceptions.ConnectionError

    with pytest.raises(redis.exceptions.ConnectionError):
        await redis_.call(lose)
    assert not redis_.is_available


@needs_redis
@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("unexpected"),
        redis.exceptions.ConnectionError("gone"),
        OSError(),
        TypeError(),
        asyncio.CancelledError(),  # of the library, as on Python 3.11
    ],
)
async def test_a_trial_that_fails_in_any_way_is_repeated_until_the_server_answers(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_redis("BFF_LIMITS_URL", REDIS_URL, DEADLINE, "tests")
    client: Any = opened.client
    ping, trials = client.ping, list[int]()

    async def fail_first() -> object:
        trials.append(len(trials))
        if len(trials) == 1:
            raise error
        return await ping()

    monkeypatch.setattr(client, "ping", fail_first)
    await fail(opened)
    await until(lambda: opened.is_available)
    assert trials == [0, 1]
    assert await opened.call(ping)
    await opened.close()
