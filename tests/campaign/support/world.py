"""Prepares the data of the campaign."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.ids import id_at
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources

CLIENTS = 20
_TALLY = "CREATE TABLE tally (event_id BIGINT NOT NULL)"


class World(NamedTuple):
    """Holds the writing users, the lowest id of new rows, and the initial badge counts."""

    people: Sequence[int]
    first_id: int
    unread: Mapping[int, int]


async def prepare(resources: Resources) -> World:
    """Seeds the database, without blocks and with all notifications enabled."""
    await migrate(resources.database, lambda _name: None)
    await seed(resources, 1)
    fetch = resources.database.fetch
    for statement in (_TALLY, "DELETE FROM blocks", "DELETE FROM channel_preferences"):
        await fetch(statement)
    people = [row["id"] for row in await fetch("SELECT id FROM users ORDER BY id LIMIT $1", CLIENTS)]
    unread = {row["owner_id"]: row["unread"] for row in await fetch("SELECT * FROM notification_counts")}
    return World(people, id_at(resources.clock()), unread)
