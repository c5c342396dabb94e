"""The token buckets, in memory and in Redis, against a model of one bucket that drips."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from random import Random
from typing import Any
from urllib.parse import urlsplit

import hiredis
import pytest

from adapters.buckets import Bucket, Buckets, Taken, open_buckets
from adapters.buckets.memory import MemoryBuckets
from adapters.buckets.redis import RedisBuckets
from adapters.buckets.script import SCRIPT
from adapters.redis_connection.commands import pack
from adapters.redis_connection.endpoint import endpoint_of
from adapters.redis_connection.outages import Outages
from adapters.response_store import open_response_store
from adapters.response_store.redis import RedisStore
from core.background import Background
from core.settings import Settings
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.redis_servers import INSTALLED, RedisCluster
from tests.support.timing import DEADLINE, until

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")

SECOND = 1_000_000
SMALL, LARGE = Bucket("{u1}:a", 10, 60 * SECOND), Bucket("{u1}:b", 25, 60 * SECOND)
ELSEWHERE = Bucket("{a9}:c", 15, 60 * SECOND)


class Now:
    """Is a clock in microseconds."""

    def __init__(self) -> None:
        self.at = 1_764_000_000_000_007

    def __call__(self) -> int:
        return self.at


@dataclass
class Level:
    """The cost in a bucket, which drips out at a constant rate, as an exact fraction."""

    bucket: Bucket
    cost: Fraction = field(default_factory=Fraction)
    at: int = 0

    def drip(self, now: int) -> None:
        out = Fraction((now - self.at) * self.bucket.quota, self.bucket.window)
        self.cost, self.at = max(self.cost - out, Fraction()), now


class RedisByScript:
    """Runs the script with a given clock."""

    def __init__(self, connection: Any, now: Now) -> None:
        self._connection = connection
        self._now = now
        self._prefix = secrets.token_hex(6)

    async def move(self, buckets: list[Bucket], taken: int, kept: int, *, force: bool) -> Taken | None:
        keys = [f"{self._prefix}{bucket.key}" for bucket in buckets]
        limits = [limit for bucket in buckets for limit in (bucket.quota, bucket.window)]
        command = ("EVAL", SCRIPT, len(keys), *keys, int(force), self._now.at, *limits, taken, kept)
        reply = await self._connection.call_packed(pack(command))
        assert not isinstance(reply, hiredis.ReplyError), reply
        return None if force else Taken(*reply)


@pytest.fixture
async def connection() -> AsyncGenerator[Any]:
    made = await endpoint_of(REDIS_URL).connect(DEADLINE, Outages("tests"))
    yield made
    made.drop("closed")


@needs_redis
@pytest.mark.parametrize("seed", range(3))
async def test_memory_redis_and_a_model_decide_alike(connection: Any, seed: int) -> None:
    chance, now = Random(seed), Now()  # noqa: S311 - not for secrets
    memory, script = MemoryBuckets(clock=now), RedisByScript(connection, now)
    buckets = [SMALL, LARGE, Bucket("{u1}:c", 7, 3 * SECOND), Bucket("{u1}:d", 1000, 60 * SECOND)]
    levels = [Level(bucket, at=now.at) for bucket in buckets]
    admissions = 0
    for _ in range(400):
        now.at += chance.choice([0, 1, 1000, SECOND, 7 * SECOND, chance.randrange(20 * SECOND)])
        chosen = sorted(chance.sample(range(4), chance.randint(1, 4)))
        group = memory.group([buckets[each] for each in chosen])
        for level in levels:
            level.drip(now.at)
        taken, kept = chance.choice([(0, 1), (0, 3), (1, 9), (0, 40), (6, 2), (20, 1)])
        if kept > taken:
            decision = memory.take(group, kept, taken)
            assert decision == await script.move(list(group.buckets), taken, kept, force=False)
            costs = [min(kept, each.quota) - min(taken, each.quota) for each in group.buckets]
            excess = [levels[each].cost + cost - buckets[each].quota for each, cost in zip(chosen, costs, strict=True)]
            fills = [Fraction(each.window, each.quota) for each in group.buckets]
            waits = [over * fill for over, fill in zip(excess, fills, strict=True)]
            assert decision.wait == pytest.approx(max(0, *map(float, waits), 0), abs=2000)
            if decision.admitted:
                admissions += 1
                for each, cost in zip(chosen, costs, strict=True):
                    levels[each].cost += cost
        else:
            memory.put_back(group, taken, kept)
            await script.move(list(group.buckets), taken, kept, force=True)
            for each in chosen:
                quota = buckets[each].quota
                levels[each].cost = max(levels[each].cost - min(taken, quota) + min(kept, quota), Fraction())
    assert 50 < admissions < 350


def ignore(_bucket: Bucket, _wait: int) -> None:
    """Ignores that a bucket has no room."""


def taken_of(decision: Any) -> Taken:
    assert isinstance(decision, Taken)
    return decision


def test_a_bucket_admits_its_quota_and_then_what_fills_up() -> None:
    now = Now()
    buckets = MemoryBuckets(clock=now)
    group = buckets.group([SMALL])
    assert [taken_of(buckets.take(group, 1)).remaining for _ in range(10)] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert buckets.take(group, 1) == Taken(0, 0, 60 * SECOND, 6 * SECOND)
    assert taken_of(buckets.take(group, 3)).wait == 18 * SECOND
    now.at += 6 * SECOND
    assert buckets.take(group, 1) == Taken(0, 0, 60 * SECOND, 0)


def test_a_cost_is_taken_from_all_buckets_or_from_none() -> None:
    buckets = MemoryBuckets(clock=Now())
    both, large = buckets.group([LARGE, SMALL]), buckets.group([LARGE])
    assert buckets.take(both, 10) == Taken(1, 0, 60 * SECOND, 0)
    assert taken_of(buckets.take(both, 1)).tightest == 1
    assert taken_of(buckets.take(large, 1)).remaining == 14


def test_an_operation_that_costs_more_than_a_quota_takes_all_of_it() -> None:
    now = Now()
    buckets = MemoryBuckets(clock=now)
    group = buckets.group([SMALL, LARGE])
    assert taken_of(buckets.take(group, 1)).admitted
    assert taken_of(buckets.take(group, 500, taken=1)).admitted
    assert taken_of(buckets.take(group, 1)).wait == 6 * SECOND
    buckets.put_back(group, 500, 2)
    assert taken_of(buckets.take(group, 1)).remaining == 7


def test_a_charge_is_taken_from_a_bucket_without_room_and_owes_its_quota_at_most() -> None:
    buckets = MemoryBuckets(clock=Now())
    buckets.charge([(SMALL, 10), (LARGE, 1)], ignore)
    for _ in range(5):
        buckets.charge([(SMALL, 8)], ignore)
    assert taken_of(buckets.take(buckets.group([SMALL]), 1)).wait == 66 * SECOND
    assert taken_of(buckets.take(buckets.group([LARGE]), 1)).remaining == 23


def test_memory_is_bounded_and_full_buckets_are_removed_first() -> None:
    now = Now()
    buckets = MemoryBuckets(100, now)
    for number in range(1000):
        buckets.take(buckets.group([Bucket(str(number), 10, SECOND)]), 5)
    assert len(buckets) == 100
    now.at += SECOND
    buckets.take(buckets.group([SMALL]), 1)
    for number in range(50):
        buckets.take(buckets.group([Bucket(f"later {number}", 10, SECOND)]), 5)
    assert len(buckets) == 51


async def decided(buckets: Buckets, *of: Bucket, cost: int = 1, taken: int = 0) -> Taken:
    decision = buckets.take(buckets.group(of), cost, taken)
    return decision if isinstance(decision, Taken) else await decision


async def opened(url: str, name: str, cache_url: str = "") -> RedisBuckets:
    store = open_response_store(cache_url, name) if cache_url else None
    made = open_buckets(Settings(limits_url=url, limits_name=name, limits_deadline=5.0), store, Background())
    assert isinstance(made, RedisBuckets)
    await until(lambda: made.is_available)
    return made


@needs_redis
async def test_all_processes_count_together() -> None:
    name = f"test-{secrets.token_hex(6)}"
    here, there = await opened(REDIS_URL, name), await opened(REDIS_URL, name)
    assert [(await decided(each, SMALL, cost=5)).remaining for each in (here, there)] == [5, 0]
    assert (await decided(here, SMALL, LARGE)).tightest == 0
    group = there.group([SMALL])
    there.put_back(group, 5, 1)
    await decided(there, LARGE)  # the connection answers in order
    assert (await decided(here, SMALL)).remaining == 3
    here.charge([(SMALL, 3), (LARGE, 2)], ignore)
    await decided(here, ELSEWHERE)
    assert not (await decided(there, SMALL)).admitted
    await here.close()
    await there.close()


@pytest.mark.parametrize("url", ["", pytest.param(REDIS_URL, marks=needs_redis, id="redis")])
async def test_a_charge_tells_which_buckets_have_no_room_and_for_how_long(url: str) -> None:
    buckets = await opened(url, f"test-{secrets.token_hex(6)}") if url else MemoryBuckets(clock=Now())
    waits = dict[Bucket, int]()
    buckets.charge([(SMALL, 9), (LARGE, 2)], waits.__setitem__)
    await decided(buckets, ELSEWHERE)  # the connection answers in order
    assert waits == {}
    buckets.charge([(SMALL, 6), (LARGE, 2)], waits.__setitem__)
    await decided(buckets, ELSEWHERE)
    assert waits.keys() == {SMALL}
    assert waits[SMALL] == pytest.approx(36 * SECOND, abs=DEADLINE * SECOND)
    await buckets.close()


@needs_redis
async def test_a_server_that_has_lost_the_script_is_given_it(connection: Any) -> None:
    buckets = await opened(REDIS_URL, f"test-{secrets.token_hex(6)}")
    await decided(buckets, SMALL)
    await connection.call(("SCRIPT", "FLUSH"))
    assert (await decided(buckets, SMALL)).remaining == 8
    await buckets.close()


@pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")
async def test_buckets_of_two_nodes_of_a_cluster_are_taken_together_or_not_at_all(cluster: RedisCluster) -> None:
    buckets = await opened(cluster.url, f"test-{secrets.token_hex(6)}")
    assert len(buckets.group([SMALL, LARGE, ELSEWHERE]).calls) == 2
    assert await decided(buckets, SMALL, LARGE, ELSEWHERE, cost=9) == Taken(0, 1, 54 * SECOND, 0)
    assert (await decided(buckets, ELSEWHERE, SMALL, cost=2)).tightest == 1
    assert (await decided(buckets, ELSEWHERE)).remaining == 5, "what one node admitted was given back"
    buckets.charge([(SMALL, 10), (ELSEWHERE, 5)], ignore)
    await decided(buckets, SMALL)
    assert not (await decided(buckets, ELSEWHERE)).admitted
    await buckets.close()


@needs_redis
async def test_without_an_answer_the_process_counts_by_itself_and_later_calls_do_not_wait() -> None:
    url = urlsplit(REDIS_URL)
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        behind = url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
        settings = Settings(limits_url=behind, limits_name=f"test-{secrets.token_hex(6)}", limits_deadline=1.0)
        buckets = open_buckets(settings, None, Background())
        await until(lambda: buckets.is_available)
        await decided(buckets, SMALL, cost=10)
        proxy.silence()
        answers = await asyncio.gather(*(decided(buckets, SMALL) for _ in range(20)))
        assert sum(answer.admitted for answer in answers) == 10
        assert not buckets.is_available
        assert isinstance(buckets.take(buckets.group([LARGE]), 1), Taken), "no call waits"
        buckets.put_back(buckets.group([SMALL]), 1, 0)
        buckets.charge([(SMALL, 1)], ignore)
        proxy.talk()
        await until(lambda: buckets.is_available)
        assert not (await decided(buckets, SMALL)).admitted
        await buckets.close()


@needs_redis
async def test_the_connection_of_the_response_store_is_used_if_it_is_on_the_same_server() -> None:
    name = f"test-{secrets.token_hex(6)}"
    store = open_response_store(REDIS_URL, name, DEADLINE)
    assert isinstance(store, RedisStore)
    settings = Settings(limits_url=REDIS_URL, limits_name=name)
    buckets = open_buckets(settings, store, Background())
    await until(lambda: store.is_available)
    decision, value = buckets.take(buckets.group([SMALL]), 1), store.read("nothing")
    connection: Any = store.connection_for(b"")
    batch: Any = connection._next
    assert (len(batch.calls), len(batch.reads)) == (1, 1)
    assert await value is None
    assert not isinstance(decision, Taken)
    assert (await decision).remaining == 9
    await buckets.close()
    await store.close()


def test_waits_are_never_shorter_than_it_takes_to_fill_up() -> None:
    now = Now()
    buckets = MemoryBuckets(clock=now)
    group = buckets.group([Bucket("odd", 7, 3 * SECOND)])
    for _ in range(1000):
        wait = taken_of(buckets.take(group, 3)).wait
        now.at += wait
        assert not wait or taken_of(buckets.take(group, 3)).admitted
        assert wait <= ceil(3 * 3 * SECOND / 7) + 1
