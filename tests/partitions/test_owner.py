"""Tables of another role than the one that runs `bff partitions apply`."""

import os
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from services.maintenance.partitions import maintain_partitions
from services.resources import Resources
from tests.support.partitions import WIDTH, apply, narrow_partitions, publish, spend

OWNERS = "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE 'event\\_log%'"


@pytest.fixture
async def owner(resources: Resources) -> AsyncGenerator[str]:
    """Gives the tables a second role as their owner, whose name has to be quoted."""
    fetch, name = resources.database.fetch, f"Owner {os.getpid()}"
    await fetch(f'CREATE ROLE "{name}"')
    try:
        for table in ("event_log", "relay_positions"):
            await fetch(f'ALTER TABLE {table} OWNER TO "{name}"')
        yield name
    finally:
        await fetch(f'REASSIGN OWNED BY "{name}" TO CURRENT_USER')
        await fetch(f'DROP OWNED BY "{name}"')
        await fetch(f'DROP ROLE "{name}"')


async def test_all_partitions_belong_to_the_owner_of_the_table(resources: Resources, owner: str) -> None:
    fetch = resources.database.fetch
    with narrow_partitions(WIDTH):
        await apply(resources, "event_log")
        assert await fetch(OWNERS) == [{"tableowner": owner}]
        async with resources.database.transaction() as transaction:
            await transaction.fetch(f'SET LOCAL ROLE "{owner}"')
            await transaction.fetch("SELECT id FROM event_log LIMIT 1")
        for number in (1, 2):
            await spend(resources, WIDTH + 10)
            await publish(resources, number)
            await maintain_partitions(resources, resources.clock() + timedelta(days=31))
    assert len(await fetch("SELECT inhrelid FROM pg_inherits WHERE inhparent = 'event_log'::regclass")) > 3
    assert await fetch(OWNERS) == [{"tableowner": owner}]
