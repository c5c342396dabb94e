"""Circuit breakers log one line when they open, and one when they close."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.bounded import BoundedCalls
from adapters.breaker import FAILURES, Breaker
from adapters.breaker_log import LOG_INTERVAL_SECONDS, BreakerLog
from adapters.database.bulkhead import Bulkhead
from adapters.outcomes import Outcome, Sent, ServerUnavailable
from adapters.payments import GuardedProvider, ProviderUnavailable
from adapters.payments.sandbox.provider import SandboxProvider
from adapters.redis import REDIS_ERRORS, open_redis
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.logs import logged
from tests.support.redis_servers import INSTALLED, RedisServer
from tests.support.response_store import opened as open_store
from tests.support.timing import DEADLINE, until

OPENED, CLOSED = "circuit breaker opened", "circuit breaker closed"


def lines_of(text: str) -> list[dict[str, Any]]:
    """Returns the lines about breakers, without what differs between runs."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [
        {name: value for name, value in line.items() if name not in {"at", "logger", "request_id"}}
        for line in lines
        if line["message"] in {OPENED, CLOSED}
    ]


def opened(breaker: str, **more: object) -> dict[str, Any]:
    return {"level": "WARNING", "message": OPENED, "breaker": breaker, "openings": 1, **more}


def closed(breaker: str, seconds: float) -> dict[str, Any]:
    return {"level": "INFO", "message": CLOSED, "breaker": breaker, "seconds": seconds}


def test_an_outage_is_two_lines_however_many_calls_fail() -> None:
    now = 0.0
    log = BreakerLog("tests", lambda: now)
    with logged("INFO") as text:
        log.note(is_open=False)
        for second in range(60):
            now = float(second)
            log.note(is_open=True, cause="TimeoutError")
        for _ in range(5):
            log.note(is_open=False)
    assert lines_of(text.getvalue()) == [opened("tests", cause="TimeoutError"), closed("tests", 59.0)]


def test_a_breaker_that_opens_and_closes_all_the_time_is_two_lines_per_interval() -> None:
    now = 0.0
    log = BreakerLog("tests", lambda: now)
    with logged("INFO") as text:
        for tick in range(1000):
            now = tick / 10
            log.note(is_open=tick % 2 == 0)
    lines = lines_of(text.getvalue())
    intervals = 1000 / 10 / LOG_INTERVAL_SECONDS
    assert [line["message"] for line in lines] == [OPENED, CLOSED] * int(intervals)
    assert [line["openings"] for line in lines[2::2]] == [50] * (int(intervals) - 1)


def test_an_opening_that_came_too_early_is_logged_at_a_later_failure() -> None:
    now = 0.0
    log = BreakerLog("tests", lambda: now)
    with logged("INFO") as text:
        log.note(is_open=True)
        log.note(is_open=False)
        now = 1.0
        log.note(is_open=True)
        assert len(lines_of(text.getvalue())) == 2
        now = 1.0 + LOG_INTERVAL_SECONDS
        log.note(is_open=True)
        now = 15.0
        log.note(is_open=False)
    assert lines_of(text.getvalue()) == [opened("tests"), closed("tests", 0.0), opened("tests"), closed("tests", 14.0)]


def test_breakers_of_the_statements_of_a_feature_are_logged_together() -> None:
    bulkhead = Bulkhead(5, "feature feed")
    with logged("INFO") as text:
        for statement in ("SELECT  a\n FROM posts", "SELECT b"):
            for _ in range(FAILURES + 2):
                bulkhead.record_failure(statement)
        assert (bulkhead.open_breakers, bulkhead.openings) == (2, 2)
        bulkhead.record_success("SELECT b")
        assert len(lines_of(text.getvalue())) == 1
        bulkhead.record_success("SELECT  a\n FROM posts")
    first, last = lines_of(text.getvalue())
    assert first == opened("feature feed", statement="SELECT a FROM posts")
    assert (last["message"], last["breaker"]) == (CLOSED, "feature feed")


async def test_the_breaker_of_a_server_that_sends_messages_is_logged() -> None:
    now = 0.0
    calls = BoundedCalls("fcm", DEADLINE, 1, Breaker(lambda: now))

    async def fail() -> Outcome:
        raise ServerUnavailable("status 503")

    async def succeed() -> Outcome:
        return Sent()

    with logged("INFO") as text:
        for _ in range(FAILURES - 1):
            await calls.outcome(fail)
        assert lines_of(text.getvalue()) == []
        await calls.outcome(fail)
        now = 2.0
        await calls.outcome(fail)
        now = 60.0
        await calls.outcome(succeed)
    first, last = lines_of(text.getvalue())
    assert first == opened("fcm", cause="status 503")
    assert (last["message"], calls.breaker.openings) == (CLOSED, 1)


@pytest.mark.skipif(not REDIS, reason="Redis is not reached")
async def test_the_breaker_of_redis_is_logged() -> None:
    redis = open_redis("BFF_LIMITS_URL", REDIS_URL, DEADLINE, "rate limits")

    async def lose() -> None:
        raise OSError

    with logged("INFO") as text:
        for _ in range(3):
            with pytest.raises(REDIS_ERRORS):
                await redis.call(lose)
        await until(lambda: redis.is_available)
        await redis.close()
    first, last = lines_of(text.getvalue())
    assert first == opened("Redis of rate limits", cause="OSError")
    assert (last["message"], last["breaker"]) == (CLOSED, "Redis of rate limits")


async def test_the_breaker_of_the_payment_provider_is_logged() -> None:
    now = 0.0
    provider = GuardedProvider(SandboxProvider(), DEADLINE, 20, Breaker(lambda: now))

    async def fail() -> None:
        raise ProviderUnavailable("no answer")

    async def succeed() -> None:
        return None

    with logged("INFO") as text:
        for _ in range(FAILURES):
            with pytest.raises(ProviderUnavailable):
                await provider._call(fail())
        now = 10.0
        await provider._call(succeed())
        await provider.close()
    first, last = lines_of(text.getvalue())
    assert first == opened("payments sandbox", cause="no answer")
    assert (last["message"], last["breaker"]) == (CLOSED, "payments sandbox")


@pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")
async def test_the_breaker_of_a_connection_that_is_kept_is_logged(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    await server.start()
    try:
        with logged("INFO") as text:
            async with open_store(server.url) as store:
                await until(lambda: store.is_available)
                await server.kill()
                await until(lambda: len(lines_of(text.getvalue())) == 1)
                assert not store.is_available
                await server.start()
                await until(lambda: store.is_available)
    finally:
        await server.kill()
    first, last = lines_of(text.getvalue())
    assert (first["message"], first["breaker"]) == (OPENED, "Redis of response store")
    assert (last["message"], last["breaker"]) == (CLOSED, "Redis of response store")
