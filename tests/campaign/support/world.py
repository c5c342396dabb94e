"""What the campaign begins with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.ids import id_at
from services.maintenance.migrations import migrate
from services.maintenance.seed import seed
from services.resources import Resources

CLIENTS = 20
_TALLY = "CREATE TABLE tally (event_id BIGINT NOT NULL)"


class World(NamedTuple):
    """Who writes; below which id everything was there before; and what badges showed."""

    people: Sequence[int]
    first_id: int
    unread: Mapping[int, int]


async def prepare(resources: Resources) -> World:
    """The seeded world, in which nobody hides from anybody and everybody hears of everything."""
    await migrate(resources.database, lambda _name: None)
    await seed(resources, 1)
    fetch = resources.database.fetch
    for statement in (_TALLY, "DELETE FROM blocks", "DELETE FROM channel_preferences"):
        await fetch(statement)
    people = [row["id"] for row in await fetch("SELECT id FROM users ORDER BY id LIMIT $1", CLIENTS)]
    unread = {row["owner_id"]: row["unread"] for row in await fetch("SELECT * FROM notification_counts")}
    return World(people, id_at(resources.clock()), unread)
