"""Writes the demo data into an empty database."""

from collections.abc import Callable, Iterator

from adapters.database import Queries
from core.errors import SettingsError
from models.users import CredentialModel, EmailAddressModel
from services.maintenance.migrations import migrate
from services.maintenance.seed.graph import (
    make_blocks,
    make_devices,
    make_follows,
    make_inboxes,
    make_people,
    make_preferences,
)
from services.maintenance.seed.money import make_payments
from services.maintenance.seed.posts import make_feeds, make_posts
from services.maintenance.seed.texts import DEMO_HANDLES, NAMES, demo_email, demo_password
from services.maintenance.seed.world import NOW, Chunk, World
from services.resources import Resources
from services.security.passwords import hash_password

MIN_USERS = len(NAMES)

Progress = Callable[[str, int], object]
"""Called with the name of a table and the number of rows that were written into it."""

_MAKERS: tuple[Callable[[World], Iterator[Chunk]], ...] = (
    make_people,
    make_follows,
    make_blocks,
    make_devices,
    make_preferences,
    make_posts,
    make_feeds,
    make_payments,
    make_inboxes,
)


def chunks(world: World) -> Iterator[Chunk]:
    for make in _MAKERS:
        yield from make(world)


async def seed(
    resources: Resources,
    seed_number: int,
    *,
    people: int = MIN_USERS,
    force: bool = False,
    progress: Progress = lambda _table, _rows: None,
) -> None:
    """Writes the demo data in one transaction. Raises `SettingsError` if the database has users already.

    With `force` it first drops all tables and creates them again.
    """
    if people < MIN_USERS:
        raise SettingsError(f"--users: at least {MIN_USERS} users are required")
    if await resources.database.fetch("SELECT 1 AS one FROM users LIMIT 1"):
        if not force:
            raise SettingsError("the database has users: seed an empty one, or delete everything with --force")
        await resources.database.dialect.drop_tables(resources.database.client)
        await migrate(resources.database, lambda _name: None)
    world = World(seed_number, people)
    async with resources.database.transaction() as transaction:
        # A slow machine needs minutes for the rows of a chunk of a large world.
        await resources.database.dialect.allow_idle_transaction(transaction.client)
        for chunk in chunks(world):
            await transaction.copy(chunk.table, chunk.columns, chunk.rows)
            progress(chunk.table, len(chunk.rows))
        await _credentials(resources, world, transaction)
    await resources.database.dialect.analyze(resources.database.client)


async def _credentials(resources: Resources, world: World, transaction: Queries) -> None:
    for handle, user_id in zip(DEMO_HANDLES, world.user_ids, strict=False):
        email = demo_email(handle)
        (blind_index, *_) = resources.vault.email_indexes(email)
        await EmailAddressModel.create(using_db=transaction.client, blind_index=blind_index, user_id=user_id)
        await CredentialModel.create(
            using_db=transaction.client,
            user_id=user_id,
            email=resources.vault.seal(user_id, email),
            password_hash=hash_password(demo_password(handle)),
            changed_at=NOW,
        )
