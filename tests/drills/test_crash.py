"""PostgreSQL of a primary crashes under load. `make drill` has the other failures."""

import os

import pytest

from tests.drills.support import patroni
from tests.drills.support.database_drills import primary_crashed
from tests.drills.support.failure import Drill
from tests.drills.support.run import drilled, folder_of_drill
from tests.drills.support.stage import Plan, staged
from tests.support import proxies

QUIET = 2.0
SEED = 1


@pytest.fixture
def needed() -> None:
    """Skips the test if a program is not installed. Fails if the drills are required."""
    if not (patroni.INSTALLED and proxies.INSTALLED["haproxy"]):
        assert not os.environ.get("TEST_REQUIRE_DRILLS"), "patroni, etcd or haproxy is not installed"
        pytest.skip("patroni, etcd or haproxy is not installed")


@pytest.mark.usefixtures("needed")
async def test_clients_see_retryable_errors_only_and_nothing_is_lost_when_postgresql_of_the_primary_crashes() -> None:
    async with folder_of_drill() as folder, staged(folder, Plan(nodes=2, has_redis=False, has_backups=False)) as stage:
        before = await stage.database.primary()
        async with stage.serving():
            await stage.load.open(stage.environment, stage.sandbox, SEED)
            outcome = await drilled(stage, Drill("crash", "PostgreSQL of the primary killed", primary_crashed), QUIET)
        assert await stage.database.primary() is not before
        assert outcome.seen.errors, "no client was disturbed"
        assert outcome.is_good, outcome
        assert outcome.acknowledged
