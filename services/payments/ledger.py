"""The ledger: locks wallets, opens them, and posts entries. The database moves the balances by the entries.

A transaction locks rows in this order: the idempotency key, users (`FOR KEY SHARE`), payments (the one that is
refunded), wallets in the order of their owners.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from adapters.database import Columns, DialectSQL, Queries
from adapters.payments import PaymentKey
from core.ids import Ids

_LOCK = (
    "SELECT owner_id, id, currency, available, pending FROM wallets WHERE owner_id = ANY($1) "
    "ORDER BY owner_id FOR UPDATE"
)
_OPEN = (
    "INSERT INTO wallets (owner_id, id, currency, available, pending, created_at) VALUES ($1, $1, $2, 0, 0, $3) "
    "ON CONFLICT DO NOTHING RETURNING id"
)
_ENTRY: Columns = {
    "owner_id": "bigint",
    "id": "bigint",
    "step": "bigint",
    "account": "text",
    "amount": "bigint",
    "balance_after": "bigint",
}
_FOLLOWING = "COALESCE((SELECT MAX(e.id) FROM ledger_entries e WHERE e.owner_id = r.owner_id), 0) + r.step"
_POST = DialectSQL(
    *(
        "INSERT INTO ledger_entries (owner_id, id, account, payment_owner_id, payment_id, amount, currency, "  # noqa: S608 - built from constants
        f"balance_after, created_at) SELECT r.owner_id, {largest}(r.id, {_FOLLOWING}), r.account, CAST($1 AS BIGINT), "
        "CAST($2 AS BIGINT), r.amount, $3, r.balance_after, $4 FROM input_rows r"
        for largest in ("GREATEST", "MAX")
    )
)
"""Numbers the entries after the newest one of their owner, even if the clock of another process is ahead."""

LedgerAccount = Literal["WALLET", "PENDING", "PROVIDER", "PLATFORM"]


class LedgerEntry(NamedTuple):
    """One side of a movement: an amount that is added to an account of an owner."""

    owner_id: int
    account: LedgerAccount
    amount: int


class LockedWallet(NamedTuple):
    """A wallet whose row this transaction has locked."""

    owner_id: int
    id: int
    currency: str
    available: int
    pending: int


async def lock_wallets(transaction: Queries, owner_ids: Collection[int]) -> dict[int, LockedWallet]:
    """Locks the wallets of owners, in the order of the owners, and returns those that exist by their owner."""
    rows = await transaction.fetch(_LOCK, sorted(set(owner_ids)))
    return {row["owner_id"]: LockedWallet(**row) for row in rows}


async def open_wallet(transaction: Queries, owner_id: int, currency: str, now: datetime) -> LockedWallet | None:
    """Opens an empty wallet and returns it. Does nothing if the owner has one, in whatever currency; returns None."""
    opened = await transaction.fetch(_OPEN, owner_id, currency, now)
    return LockedWallet(owner_id, owner_id, currency, 0, 0) if opened else None


async def post(  # noqa: PLR0913, PLR0917 - the parts of a movement
    transaction: Queries,
    ids: Ids,
    payment: PaymentKey,
    currency: str,
    entries: Sequence[LedgerEntry],
    wallets: Mapping[int, LockedWallet],
    now: datetime,
) -> None:
    """Appends the entries of a payment that is not sealed. Owners of entries of WALLET need their locked wallets.

    The database raises `IntegrityError` if an entry would make a balance negative. `wallets` are the balances before
    the entries: after a call, the transaction locks the wallets again before it posts more entries of WALLET.
    """
    rows: list[tuple[object, ...]] = []
    balances = {owner_id: wallet.available for owner_id, wallet in wallets.items()}
    steps = Counter[int]()
    for entry in entries:
        steps[entry.owner_id] += 1
        balance = None
        if entry.account == "WALLET":
            balance = balances[entry.owner_id] = balances[entry.owner_id] + entry.amount
        rows.append((entry.owner_id, ids.next(), steps[entry.owner_id], entry.account, entry.amount, balance))
    await transaction.fetch_with_rows(_POST, _ENTRY, rows, payment.owner_id, payment.id, currency, now)
