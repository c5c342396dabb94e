"""The counts of inboxes equal a recount at every moment, whatever relays and owners do at the same time."""

import os

import pytest

from services.resources import Resources
from tests.notifications.support.histories import run_histories

HISTORIES = int(os.environ.get("INBOX_HISTORIES", "4"))
"""`make campaign-inbox` runs 500."""


@pytest.mark.parametrize("seed", range(2))
async def test_counts_equal_a_recount_at_every_moment(resources: Resources, seed: int) -> None:
    users = await resources.database.fetch("SELECT id FROM users ORDER BY id LIMIT 8")
    assert await run_histories(resources, [row["id"] for row in users], seed, HISTORIES // 2) == []
