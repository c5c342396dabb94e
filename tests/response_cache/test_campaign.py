"""Runs a smaller `make campaign-cache`, and shows that the campaign finds old responses."""

from pathlib import Path
from random import Random

import pytest

from tests.conftest import ENGINES
from tests.response_cache.support.campaign import run
from tests.response_cache.support.connections import Connections
from tests.response_cache.support.operations import SCHEMA, check_mutations
from tests.response_cache.support.scale import Scale
from tests.response_cache.support.stale import OldReplies, StaleConnections
from tests.support.redis_servers import INSTALLED

CACHES = ("redis", "cluster", "memory")
"""The engines of the cache."""

KILLS = {
    "off": {"worker", "server", "server stopped", "redis", "redis paused"},
    "redis": {"worker", "server", "server stopped", "redis", "redis paused"},
    "cluster": {"worker", "server", "server stopped", "redis", "redis paused"},
    "memory": {"server", "server stopped"},
}
"""The kinds of processes and connections that each campaign kills at least once."""

pytestmark = [
    pytest.mark.skipif("postgres" not in ENGINES, reason="PostgreSQL is not reached"),
    pytest.mark.skipif(not INSTALLED, reason="redis-server is not installed"),
]


@pytest.mark.parametrize("engine", CACHES)
async def test_no_response_is_older_than_an_acknowledged_write_whatever_is_killed(engine: str, tmp_path: Path) -> None:
    scale = Scale(reads=2_000, writers=10, readers=10, kills=len(KILLS[engine]), seed=3)
    outcome = await run(tmp_path, engine, scale)
    assert outcome.checker.faults.described == []
    assert outcome.written.wrong == []
    assert {kind for kind, number in outcome.killed.items() if number} == KILLS[engine]
    assert outcome.checker.facts > scale.reads
    assert len(outcome.missing) <= 5, f"never acknowledged: {outcome.missing}"


async def test_campaign_finds_old_responses(tmp_path: Path) -> None:
    old = OldReplies(share=0.2)

    def connect(ports: list[str], chance: Random) -> Connections:
        return StaleConnections(ports, chance, old)

    outcome = await run(tmp_path, "off", Scale(reads=1_500, writers=10, readers=10, kills=0, seed=4), connect)
    found = set(outcome.checker.faults.kinds)
    assert old.returned > 20
    assert {"body", "name", "postCount", "own post in feed", "comment in list"} <= found, found
    assert {"available", "entry", "payment in list"} <= found, found


def test_campaign_knows_every_mutation_of_the_schema() -> None:
    assert check_mutations(SCHEMA.read_text()) == []


def test_campaign_reports_unknown_mutations() -> None:
    schema = SCHEMA.read_text().replace("type Mutation {", "type Mutation {\n  sendMoney: Boolean", 1)
    (found,) = check_mutations(schema)
    assert found.startswith("The campaign does not know the mutation sendMoney.")
