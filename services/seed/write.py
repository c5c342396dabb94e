"""Writes the seeded world into an empty database."""

from collections.abc import Sequence
from typing import Any

from tortoise.models import Model

from core.errors import SettingsError
from models import counts, feed, notifications, payments, users
from services.resources import Resources
from services.seed.people import DEMO_HANDLES, demo_email, demo_password
from services.seed.world import NOW, World

MODELS: Sequence[type[Model]] = (
    users.User,
    users.Handle,
    users.Follow,
    users.Block,
    users.Device,
    users.RefreshFamily,
    users.UserCount,
    counts.CountDelta,
    feed.Post,
    feed.PostCount,
    feed.Comment,
    feed.Like,
    feed.FeedEntry,
    notifications.Notification,
    notifications.NotificationCount,
    payments.Payment,
    payments.PaymentParty,
    users.EmailAddress,
    users.Credential,
)
"""Every table, in the order in which they are emptied."""


async def seed(resources: Resources, seed_number: int, *, force: bool = False) -> None:
    """Fills the database in one transaction; `SettingsError` when somebody lives there already.

    With `force` everything that is there is deleted first.
    """
    world = World(seed_number)
    async with resources.database.transaction() as transaction:
        if await transaction.fetch("SELECT 1 AS one FROM users LIMIT 1") and not force:
            raise SettingsError("the database has people in it: seed an empty one, or delete everything with --force")
        for model in MODELS:
            await model.all(transaction.client).delete()
        for model in MODELS:
            rows = world.tables.get(str(model._meta.db_table), [])  # noqa: SLF001 - Tortoise's documented meta
            await model.bulk_create([model(**row) for row in rows], batch_size=1000, using_db=transaction.client)
        await _credentials(resources, world.user_ids, transaction.client)


async def _credentials(resources: Resources, user_ids: dict[str, int], client: Any) -> None:
    for handle in DEMO_HANDLES:
        user_id, email = user_ids[handle], demo_email(handle)
        (blind_index, *_) = resources.vault.email_indexes(email)
        await users.EmailAddress.create(using_db=client, blind_index=blind_index, user_id=user_id)
        await users.Credential.create(
            using_db=client,
            user_id=user_id,
            email=resources.vault.seal(user_id, email),
            password_hash=resources.passwords.hash(demo_password(handle)),
            changed_at=NOW,
        )
