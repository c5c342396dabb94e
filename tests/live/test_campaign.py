"""Runs a smaller `make campaign-live`."""

from pathlib import Path

import pytest

from tests.conftest import ENGINES
from tests.live.support.campaign import Plan, run
from tests.live.support.campaign_world import Scale
from tests.support.redis_servers import INSTALLED
from tests.support.timing import HANG_SECONDS

KILLS = {"connection", "worker", "server", "server stopped", "redis"}


@pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached")
@pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed")
async def test_followers_receive_every_event_once_and_in_order_whatever_is_killed(tmp_path: Path) -> None:
    plan = Plan(Scale(sockets=40, events=600), kills=len(KILLS), seconds=HANG_SECONDS, seed=3)
    outcome = await run(tmp_path, plan)
    assert outcome.verdict.faults == []
    assert {kind for kind, number in outcome.killed.items() if number} == KILLS
    assert outcome.subscriptions > plan.scale.sockets, "no subscription was resumed"
    assert outcome.received > plan.scale.events
