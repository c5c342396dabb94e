"""The database of the measurement: people with money in their wallets."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from bench.world import open_world, say
from core.global_ids import global_id
from core.settings import Settings
from services.payments.ledger import LedgerEntry, lock_wallets, open_wallet, post
from services.payments.records import NewPayment, Party, PaymentKey, insert_parties, insert_payment
from services.resources import Resources, open_resources

CURRENCY = "EUR"
MONEY = 10**13
"""The amount, in minor units, that each wallet has at least."""


class Bank(NamedTuple):
    """Holds the database and its users, who all have money."""

    url: str
    people: Sequence[int]

    @property
    def recipients(self) -> list[str]:
        """The global ids of the users."""
        return [global_id("User", user_id, user_id) for user_id in self.people]


async def open_bank(admin_url: str, people: int) -> Bank:
    """Returns the seeded database with money in all wallets."""
    world = await open_world(admin_url, people)
    async with open_resources(Settings(database_url=world.url)) as resources:
        rows = await resources.database.fetch("SELECT id FROM users ORDER BY id")
        users = [row["id"] for row in rows]
        found = await resources.database.fetch("SELECT owner_id FROM wallets WHERE available >= $1", MONEY)
        rich = {row["owner_id"] for row in found}
        poor = [user_id for user_id in users if user_id not in rich]
        if poor:
            say(f"{len(poor)} wallets get money")
        for start in range(0, len(poor), 8):
            await asyncio.gather(*(_enrich(resources, user_id) for user_id in poor[start : start + 8]))
    return Bank(world.url, users)


async def _enrich(resources: Resources, user_id: int) -> None:
    """Tops a wallet up, without a provider."""
    now, key = resources.clock(), PaymentKey(user_id, resources.ids.next())
    async with resources.database.transaction() as transaction:
        await open_wallet(transaction, user_id, CURRENCY, now)
        wallets = await lock_wallets(transaction, [user_id])
        entries = [LedgerEntry(user_id, "PROVIDER", -2 * MONEY), LedgerEntry(user_id, "WALLET", 2 * MONEY)]
        await post(transaction, resources.ids, key, CURRENCY, entries, wallets, now)
        await insert_payment(transaction, NewPayment(*key, "TOP_UP", "SUCCEEDED", 2 * MONEY, CURRENCY), now)
        await insert_parties(transaction, key, [Party(user_id, "IN", None)])
