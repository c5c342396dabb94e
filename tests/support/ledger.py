"""Movements of the ledger as the services write them, and a database without its rules."""

from datetime import UTC, datetime
from typing import Any

from adapters.database import Queries
from adapters.payments import PaymentKey
from services.payments.ledger import LedgerAccount, LedgerEntry, lock_wallets, open_wallet, post
from services.payments.records import (
    Cause,
    NewPayment,
    Party,
    add_refunded,
    delete_open_payment,
    insert_open_payment,
    insert_parties,
    insert_payment,
    insert_provider_payment,
    lock_payment,
    seal,
)
from services.resources import Resources

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, tzinfo=UTC)
_RULED = ("ledger_entries", "wallets", "payments", "payment_parties")


async def drop_rules(resources: Resources) -> None:
    """Drops the triggers of the ledger's tables, to write rows that the database rejects."""
    fetch = resources.database.fetch
    if resources.settings.database_url.startswith("postgres"):
        for table in _RULED:
            await fetch(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return
    for row in await fetch("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ANY($1)", [*_RULED]):
        await fetch(f"DROP TRIGGER {row['name']}")


class AlreadyEnded(Exception):
    """The payment is sealed. The transaction is rolled back."""


class Books:
    """Writes the movements of the ledger, each in a transaction, in one currency."""

    def __init__(self, resources: Resources, currency: str = "EUR") -> None:
        self._resources = resources
        self._currency = currency

    async def open_wallet(self, owner_id: int) -> None:
        async with self._resources.database.transaction() as transaction:
            await open_wallet(transaction, owner_id, self._currency, NOW)

    async def start_top_up(self, payment: PaymentKey, amount: int) -> None:
        owner = payment.owner_id
        async with self._resources.database.transaction() as transaction:
            await self._insert(transaction, payment, "TOP_UP", "PENDING", amount)
            await insert_parties(transaction, payment, [Party(owner, "IN", None)])
            await self._post(transaction, payment, (owner, "PROVIDER", -amount), (owner, "PENDING", amount))
            await insert_open_payment(transaction, payment, LATER)
            await insert_provider_payment(transaction, "sandbox", f"ch_{payment.id}", payment)

    async def end_top_up(self, payment: PaymentKey, amount: int, *, succeeds: bool = True) -> None:
        owner = payment.owner_id
        async with self._resources.database.transaction() as transaction:
            target: LedgerAccount = "WALLET" if succeeds else "PROVIDER"
            await self._post(transaction, payment, (owner, "PENDING", -amount), (owner, target, amount))
            await self._end(transaction, payment, succeeds=succeeds)

    async def top_up(self, payment: PaymentKey, amount: int) -> None:
        await self.start_top_up(payment, amount)
        await self.end_top_up(payment, amount)

    async def transfer(self, payment: PaymentKey, recipient: int, amount: int) -> None:
        owner = payment.owner_id
        async with self._resources.database.transaction() as transaction:
            await self._post(transaction, payment, (owner, "WALLET", -amount), (recipient, "WALLET", amount))
            await self._insert(transaction, payment, "TRANSFER", "SUCCEEDED", amount)
            parties = [Party(owner, "OUT", recipient), Party(recipient, "IN", owner)]
            await insert_parties(transaction, payment, parties)

    async def refund_transfer(self, refund: PaymentKey, original: PaymentKey, amount: int) -> None:
        owner, sender = refund.owner_id, original.owner_id
        async with self._resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            await self._post(transaction, refund, (owner, "WALLET", -amount), (sender, "WALLET", amount))
            await self._insert(transaction, refund, "REFUND", "SUCCEEDED", amount, original)
            await insert_parties(transaction, refund, [Party(owner, "OUT", sender), Party(sender, "IN", owner)])
            await add_refunded(transaction, original, amount, LATER)

    async def start_refund(self, refund: PaymentKey, original: PaymentKey, amount: int) -> None:
        """Starts the refund of a top-up to the card."""
        owner = refund.owner_id
        async with self._resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            await self._insert(transaction, refund, "REFUND", "PENDING", amount, original)
            await insert_parties(transaction, refund, [Party(owner, "OUT", None)])
            await self._post(transaction, refund, (owner, "WALLET", -amount), (owner, "PROVIDER", amount))
            await insert_open_payment(transaction, refund, LATER)

    async def end_refund(self, refund: PaymentKey, original: PaymentKey, amount: int, *, succeeds: bool = True) -> None:
        owner = refund.owner_id
        async with self._resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            if succeeds:
                await add_refunded(transaction, original, amount, LATER)
            else:
                await self._post(transaction, refund, (owner, "PROVIDER", -amount), (owner, "WALLET", amount))
            await self._end(transaction, refund, succeeds=succeeds)

    async def charge_back(self, refund: PaymentKey, original: PaymentKey, amount: int) -> None:
        owner = refund.owner_id
        async with self._resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            await self._post(transaction, refund, (owner, "PLATFORM", -amount), (owner, "PROVIDER", amount))
            await self._insert(transaction, refund, "REFUND", "SUCCEEDED", amount, original, "CHARGEBACK")
            await insert_parties(transaction, refund, [Party(owner, "OUT", None)])
            await add_refunded(transaction, original, amount, LATER)

    async def reverse_chargeback(self, refund: PaymentKey, original: PaymentKey, amount: int) -> None:
        owner = refund.owner_id
        async with self._resources.database.transaction() as transaction:
            await lock_payment(transaction, original)
            await self._post(transaction, refund, (owner, "PLATFORM", amount), (owner, "PROVIDER", -amount))
            await self._insert(transaction, refund, "REFUND", "SUCCEEDED", amount, original, "CHARGEBACK_REVERSED")

    async def balances(self, *owner_ids: int) -> list[tuple[int, int]]:
        """Returns what is available and pending in each wallet, in the order of the owners."""
        rows: list[dict[str, Any]] = await self._resources.database.fetch(
            "SELECT available, pending FROM wallets WHERE owner_id = ANY($1) ORDER BY owner_id", [*owner_ids]
        )
        return [(row["available"], row["pending"]) for row in rows]

    async def _insert(  # noqa: PLR0913, PLR0917 - the columns of a payment
        self,
        transaction: Queries,
        payment: PaymentKey,
        kind: Any,
        status: Any,
        amount: int,
        refunds: PaymentKey | None = None,
        cause: Cause | None = None,
    ) -> None:
        new = NewPayment(*payment, kind, status, amount, self._currency, refunds=refunds, cause=cause)
        await insert_payment(transaction, new, NOW)

    async def _post(self, transaction: Queries, payment: PaymentKey, *entries: tuple[int, LedgerAccount, int]) -> None:
        wallets = await lock_wallets(transaction, [owner_id for owner_id, _, _ in entries])
        made = [LedgerEntry(*entry) for entry in entries]
        await post(transaction, self._resources.ids, payment, self._currency, made, wallets, NOW)

    async def _end(self, transaction: Queries, payment: PaymentKey, *, succeeds: bool) -> None:
        status, failure = ("SUCCEEDED", None) if succeeds else ("FAILED", "DECLINED")
        if not await seal(transaction, payment, status, failure, LATER):  # pyright: ignore[reportArgumentType]
            raise AlreadyEnded
        await delete_open_payment(transaction, payment)
