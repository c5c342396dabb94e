"""Runs a smaller `make campaign-relay`."""

from pathlib import Path

from tests.relay.support.campaign import Plan, campaign
from tests.support.engines import Engine


async def test_a_worker_that_is_killed_beside_many_writers_projects_each_committed_event_once_in_order(
    engine: Engine, tmp_path: Path
) -> None:
    outcome = await campaign(engine, tmp_path, Plan(events=1500, kills=3, seed=7))
    assert outcome.faults == []
    assert outcome.written.committed >= 1500
    assert outcome.killed == 3
    assert outcome.written.undone > 50
    assert outcome.written.late > 3
