"""Runs a smaller `make campaign-log`."""

import pytest

from tests.campaign.support.campaign import Plan, folder_of, run
from tests.conftest import ENGINES, REDIS
from tests.support.engines import REDIS_URL


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.parametrize(
    "queue_url", ["", pytest.param(REDIS_URL, marks=pytest.mark.skipif(not REDIS, reason="Redis is not reached"))]
)
async def test_what_is_acknowledged_is_there_once_with_all_that_follows_whatever_is_killed(queue_url: str) -> None:
    async with folder_of("test") as folder:
        outcome = await run(folder, Plan(kills=10, database_kills=1, queue_url=queue_url, seed=7))
    assert outcome.faults == []
    assert outcome.killed == 10
    assert outcome.told.acknowledged > 400
    assert outcome.told.repeated > 10
