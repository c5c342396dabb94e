"""The rate limiters, and the failures of the one with a server."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis.asyncio

from adapters.rate_limits import Decision, RateLimit, RateLimiter, open_rate_limiter
from adapters.rate_limits.base import SLICES
from adapters.rate_limits.memory import MemoryRateLimiter
from adapters.rate_limits.redis import RedisRateLimiter
from core.errors import SettingsError
from core.settings import Settings
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.timing import no_hang, until

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")

MINUTE = RateLimit(10, 60)
TAKEN = Decision(admitted=True)


def opened(url: str, name: str = "", deadline: float = 5.0) -> RateLimiter:
    return open_rate_limiter(
        Settings(limits_url=url, limits_name=name or f"test-{secrets.token_hex(6)}", limits_deadline=deadline)
    )


@pytest.fixture(params=["memory://", pytest.param(REDIS_URL, marks=needs_redis, id="redis")])
async def limits(request: pytest.FixtureRequest) -> AsyncGenerator[RateLimiter]:
    made = opened(request.param)
    yield made
    await made.close()


async def takes(limits: RateLimiter, count: int, *key_limits: tuple[str, RateLimit], cost: int = 1) -> int:
    """Returns how many of `count` requests were admitted."""
    return sum([(await limits.take(key_limits, cost)).admitted for _ in range(count)])


async def test_as_many_are_taken_as_a_limit_says_and_the_next_waits_for_the_window(limits: RateLimiter) -> None:
    assert [await limits.take([("a", MINUTE)]) for _ in range(10)] == [TAKEN] * 10
    refused = await limits.take([("a", MINUTE)])
    assert not refused.admitted
    assert 58 < refused.wait <= 60
    assert await takes(limits, 11, ("b", MINUTE)) == 10


async def test_a_window_slides(limits: RateLimiter) -> None:
    short = RateLimit(2, 4)
    assert await takes(limits, 1, ("a", short)) == 1
    await asyncio.sleep(2)
    assert await takes(limits, 5, ("a", short)) == 1
    wait = (await limits.take([("a", short)])).wait
    assert 0 < wait <= 2.01
    await asyncio.sleep(wait)
    assert await takes(limits, 5, ("a", short)) == 1


async def test_what_is_refused_counts_nowhere(limits: RateLimiter) -> None:
    await takes(limits, 1, ("a", RateLimit(1, 1)))
    started = time.monotonic()
    async with no_hang():
        while not (await limits.take([("a", RateLimit(1, 1))])).admitted:  # noqa: ASYNC110 - a limit is watched
            await asyncio.sleep(0.01)
    assert time.monotonic() - started > 0.95


async def test_several_limits_are_taken_from_together_or_not_at_all(limits: RateLimiter) -> None:
    few, many = ("few", RateLimit(3, 60)), ("many", RateLimit(5, 600))
    assert await takes(limits, 10, few, many) == 3
    refused = await limits.take([many, few])
    assert 58 < refused.wait <= 60
    assert await takes(limits, 10, many) == 2
    assert 598 < (await limits.take([few, many])).wait <= 600


async def test_a_key_has_a_limit_per_length_of_window(limits: RateLimiter) -> None:
    assert await takes(limits, 10, ("a", RateLimit(3, 60)), ("a", RateLimit(5, 600))) == 3
    assert await takes(limits, 10, ("a", RateLimit(5, 600))) == 2
    with pytest.raises(ValueError, match="two limits for the same window"):
        await limits.take([("a", RateLimit(3, 60)), ("a", RateLimit(5, 60))])


async def test_a_cost_is_taken_whole_or_not_at_all(limits: RateLimiter) -> None:
    assert await takes(limits, 5, ("a", MINUTE), cost=4) == 2
    assert await takes(limits, 5, ("a", MINUTE), cost=3) == 0
    assert await takes(limits, 1, ("a", MINUTE), cost=2) == 1
    assert await limits.take([("b", MINUTE)], 11) == Decision(admitted=False, wait=60)
    assert await takes(limits, 1, ("b", MINUTE), cost=10) == 1
    with pytest.raises(ValueError, match="a cost of 0 is less than 1"):
        await limits.take([("c", MINUTE)], 0)


async def test_a_request_without_limits_is_admitted(limits: RateLimiter) -> None:
    assert await limits.take([]) == TAKEN


async def test_two_hundred_at_a_time_get_no_more_than_there_is(limits: RateLimiter) -> None:
    key_limits = [("a", RateLimit(37, 60)), ("b", RateLimit(100, 60))]
    answers = await asyncio.gather(*(limits.take(key_limits, strict=True) for _ in range(200)))
    assert sum(answer.admitted for answer in answers) == 37
    assert await takes(limits, 100, ("b", RateLimit(100, 60))) == 63


class Now:
    """Is a clock in microseconds."""

    def __init__(self) -> None:
        self.at = 1_000_000_007

    def __call__(self) -> int:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += int(seconds * 1_000_000)


async def test_no_window_has_more_than_the_limit_and_a_take_counts_for_little_longer_than_one() -> None:
    now, taken = Now(), list[int]()
    limits, limit = MemoryRateLimiter(clock=now), RateLimit(20, 60)
    for step in range(20_000):
        if (await limits.take([("a", limit)])).admitted:
            taken.append(now.at)
        now.pass_((step * 7919 % 31) / 50)
    gaps = [later - earlier for earlier, later in zip(taken, taken[20:], strict=False)]
    assert len(gaps) > 1000
    assert min(gaps) >= 60_000_000
    assert sorted(gaps)[len(gaps) // 2] <= 60_000_000 * (1 + 1 / SLICES) + 1_000_000


async def test_a_limit_of_large_numbers_is_kept_small() -> None:
    now = Now()
    limits, limit = MemoryRateLimiter(clock=now), RateLimit(1_000_000, 60)
    for _ in range(10_000):
        await limits.take([("a", limit)], 7)
        now.pass_(0.01)
    assert limits.max_entries <= SLICES + 1


async def test_what_redis_admitted_is_kept_here_for_one_window_and_counted_when_redis_is_gone() -> None:
    now, limit = Now(), RateLimit(60, 60)
    limits, key_limits = MemoryRateLimiter(clock=now), [("a", limit)]
    for _ in range(20_000):
        limits.note(key_limits, 1)
        now.pass_(1)
        assert limits.max_entries <= SLICES + 1
    assert not limits.take_now(key_limits, 2).admitted
    assert limits.take_now(key_limits, 1).admitted


@needs_redis
async def test_the_copy_beside_redis_holds_no_more_than_the_limit_admits(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Now()
    monkeypatch.setattr("adapters.rate_limits.redis.MemoryRateLimiter", lambda: MemoryRateLimiter(clock=now))
    limits = opened(REDIS_URL)
    assert isinstance(limits, RedisRateLimiter)
    for _ in range(300):
        assert await limits.take([("a", RateLimit(1000, 60))], strict=True) == TAKEN
        now.pass_(1)
    assert limits.local.max_entries <= SLICES + 1
    await limits.close()


def test_a_key_that_redis_goes_on_admitting_is_not_the_one_that_is_forgotten() -> None:
    now = Now()
    limits = MemoryRateLimiter(100, now)
    for number in range(1000):
        limits.note([("busy", MINUTE)], 1)
        limits.note([(str(number), MINUTE)], 1)
    assert not limits.take_now([("busy", MINUTE)]).admitted


def test_a_key_in_steady_use_does_not_keep_expired_keys_alive() -> None:
    now = Now()
    limits = MemoryRateLimiter(clock=now)
    for number in range(5000):
        limits.note([("busy", MINUTE)], 1)
        limits.note([(str(number), MINUTE)], 1)
        now.pass_(1)
        assert len(limits) <= 63


async def test_a_process_forgets_windows_that_are_over_and_keeps_no_more_than_so_many_keys() -> None:
    now = Now()
    limits = MemoryRateLimiter(100, now)
    for number in range(1000):
        await limits.take([(str(number), MINUTE)])
    assert len(limits) == 100
    now.pass_(60)
    for number in range(60):
        await limits.take([(f"later {number}", MINUTE)])
    assert len(limits) == 60


async def test_a_key_that_is_asked_for_is_not_the_one_that_is_forgotten() -> None:
    limits = MemoryRateLimiter(100, Now())
    await takes(limits, 10, ("busy", MINUTE))
    for number in range(1000):
        await limits.take([(str(number), MINUTE)])
        assert not (await limits.take([("busy", MINUTE)])).admitted


@asynccontextmanager
async def redis_client() -> AsyncGenerator[Any]:
    client = redis.asyncio.from_url(REDIS_URL)
    async with client:
        yield client


@needs_redis
async def test_all_processes_count_together_and_redis_forgets_by_itself() -> None:
    name, limit = f"test-{secrets.token_hex(6)}", RateLimit(10, 2)
    here, there = opened(REDIS_URL, name), opened(REDIS_URL, name)
    assert await takes(here, 6, ("a", limit)) + await takes(there, 6, ("a", limit)) == 10
    async with redis_client() as client:
        (key,) = [key async for key in client.scan_iter(f"{name}:*", count=10_000)]
        assert key.decode() == f"{name}:{{limits}}:a:2"
        assert 0 < await client.pttl(key) <= 2001
        await asyncio.sleep(2.1)
        assert await client.exists(key) == 0
    await here.close()
    await there.close()


@needs_redis
async def test_a_redis_that_has_lost_the_script_is_given_it() -> None:
    limits = opened(REDIS_URL)
    await limits.take([("a", MINUTE)])
    async with redis_client() as client:
        await client.script_flush()
        assert await takes(limits, 20, ("a", MINUTE)) == 9
    await limits.close()


@needs_redis
async def test_a_silent_redis_costs_the_deadline_and_what_is_strict_is_counted_here(
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = urlsplit(REDIS_URL)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        limits = opened(url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl(), deadline=1.0)
        assert isinstance(limits, RedisRateLimiter)
        strict = [await limits.take([("a", MINUTE)], strict=True) for _ in range(4)]
        proxy.silence()
        started = time.monotonic()
        with caplog.at_level(logging.WARNING):
            calls = [limits.take([("a", MINUTE)], strict=number < 30) for number in range(60)]
            answers = await asyncio.gather(*calls)
        assert 0.9 < time.monotonic() - started < 30, "they wait together, not one after another"
        assert sum(answer.admitted for answer in [*strict, *answers[:30]]) == 10
        assert answers[30:] == [TAKEN] * 30
        assert limits.failures == 60
        lines = [record.message for record in caplog.records if record.name == "adapters.redis"]
        assert lines == ["rate limits: Redis does not answer: TimeoutError"]
        proxy.talk()
        await until(lambda: limits.is_available)
        answers = [await limits.take([("c", RateLimit(1, seconds))], 2) for seconds in range(1, 30)]
        assert answers == [Decision(admitted=False, wait=seconds) for seconds in range(1, 30)]
        await limits.close()


async def test_without_a_redis_what_is_strict_is_counted_here() -> None:
    limits = opened("redis://127.0.0.1:1/0")
    answers = [await limits.take([("a", MINUTE)], strict=True) for _ in range(30)]
    assert sum(answer.admitted for answer in answers) == 10
    assert await takes(limits, 30, ("a", MINUTE)) == 30
    await limits.close()


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "nonsense"])
def test_limits_that_do_not_exist_are_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_LIMITS_URL: no driver for "):
        open_rate_limiter(Settings(limits_url=url))


def test_a_url_that_is_wrong_is_one_line_that_names_the_setting() -> None:
    with pytest.raises(SettingsError, match=r"^BFF_LIMITS_URL: "):
        open_rate_limiter(Settings(limits_url="redis://127.0.0.1:port/0"))
