"""Runs a smaller `make campaign-live-cursors`."""

from tests.live.support.cursor_rounds import run
from tests.support.engines import Engine


async def test_everything_that_a_query_does_not_contain_follows_its_cursor(engine: Engine) -> None:
    outcome = await run(engine, rounds=200, seed=3)
    assert outcome.missed == []
    assert outcome.racing > 20, "too few rounds had a race"
    assert outcome.arrived >= outcome.racing
