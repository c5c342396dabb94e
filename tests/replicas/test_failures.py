"""A replica whose statements fail, though the primary answers them, is not used for a while."""

import logging
from collections.abc import AsyncGenerator

import pytest

from core.features import Feature
from services.resources import Resources
from tests.replicas.conftest import Pair, opened_pair, replica_of
from tests.replicas.test_servers import LOGGED, SLOW_THERE, WHERE, following, pytestmark, reasons, routed
from tests.support.timing import until

__all__ = ["pytestmark"]

FAILS_THERE = (
    "SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 0 ELSE 1 END) AS quotient, pg_is_in_recovery() AS is_replica"
)
FAILS = "SELECT 1 / (CASE WHEN pg_is_in_recovery() THEN 0 ELSE 0 END) AS quotient"
DIVISION = "statements fail on a read replica: 22012"
INVALID = "statements fail on a read replica: 22P02"
UNUSED = "a read replica is not used: its statements fail"


@pytest.fixture
async def pair() -> AsyncGenerator[Pair]:
    """Servers of the test."""
    async with opened_pair("failures") as pair:
        yield pair


async def fetch(resources: Resources, sql: str) -> bool:
    async with routed(resources):
        (row,) = await resources.features[Feature.FEED].fetch(sql)
    return row["is_replica"]


async def test_a_replica_whose_statements_fail_is_not_used_until_a_pause_is_over(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    async with following(pair) as resources:
        replica = replica_of(resources)
        assert [await fetch(resources, FAILS_THERE) for _ in range(2)] == [False, False]
        assert replica.is_usable
        assert reasons(caplog) == [DIVISION]
        with caplog.at_level(logging.INFO, LOGGED):
            assert await fetch(resources, FAILS_THERE) is False
            assert not replica.is_usable
            assert await fetch(resources, WHERE) is False
            assert replica.failures.total == 3
            await until(lambda: replica.is_usable)
        assert await fetch(resources, WHERE)
        assert reasons(caplog) == [DIVISION, UNUSED, "a read replica is used"]


async def test_the_log_of_a_failure_has_no_values(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    reads = "SELECT pg_is_in_recovery() AS is_replica, CAST(CASE WHEN pg_is_in_recovery() THEN $1 ELSE '1' END AS int)"
    async with following(pair) as resources, routed(resources):
        (row,) = await resources.features[Feature.FEED].fetch(reads, "hunter2")
    assert row["is_replica"] is False
    (record,) = [record for record in caplog.records if record.getMessage() == INVALID]
    assert "invalid input syntax" in record.__dict__["error"]
    assert "hunter2" not in record.__dict__["error"]


async def test_timeouts_count_as_failures(pair: Pair) -> None:
    async with following(pair, feature_deadline=1.0) as resources:
        async with routed(resources):
            feed = resources.features[Feature.FEED]
            found = [(await feed.fetch(SLOW_THERE))[0]["is_replica"] for _ in range(3)]
        assert found == [False] * 3
        assert replica_of(resources).failures.total == 3
        assert not replica_of(resources).is_usable


async def test_an_answer_ends_a_row_of_failures(pair: Pair) -> None:
    async with following(pair) as resources:
        for sql in (FAILS_THERE, FAILS_THERE, WHERE, FAILS_THERE, FAILS_THERE):
            assert await fetch(resources, sql) is (sql == WHERE)
        assert replica_of(resources).is_usable


async def test_statements_that_fail_on_the_primary_too_are_no_failures_of_the_replica(pair: Pair) -> None:
    async with following(pair) as resources:
        for _ in range(3):
            with pytest.raises(Exception, match="division by zero"):
                await fetch(resources, FAILS)
        assert (replica_of(resources).failures.total, replica_of(resources).is_usable) == (0, True)
