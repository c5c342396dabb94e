"""Writes payments, their parties, and what the provider knows of them: one statement per function."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from adapters.database import Columns, Queries
from adapters.payments import PaymentKey

Kind = Literal["TOP_UP", "TRANSFER", "REFUND"]
Cause = Literal["CHARGEBACK", "CHARGEBACK_REVERSED", "REFUND_RETURNED"]
Direction = Literal["IN", "OUT"]


class NewPayment(NamedTuple):
    """A payment to insert. It is sealed at once if its status is not PENDING; then its entries exist already."""

    owner_id: int
    id: int
    kind: Kind
    status: Literal["PENDING", "SUCCEEDED", "FAILED"]
    amount: int
    currency: str
    note: str | None = None
    method_id: int | None = None
    refunds: PaymentKey | None = None
    cause: Cause | None = None
    provider: str | None = None
    provider_reference: str | None = None


class Party(NamedTuple):
    """A party of a payment, from the side of that party."""

    owner_id: int
    direction: Direction
    counterparty_id: int | None


class StoredPayment(NamedTuple):
    """A row of `payments`."""

    owner_id: int
    id: int
    kind: Kind
    status: str
    amount: int
    refunded_amount: int
    currency: str
    note: str | None
    failure_code: str | None
    created_at: datetime
    updated_at: datetime
    sealed_at: datetime | None
    method_id: int | None
    refunds_owner_id: int | None
    refunds_id: int | None
    cause: Cause | None
    provider: str | None
    provider_reference: str | None
    action_url: str | None
    action_secret: str | None

    @property
    def key(self) -> PaymentKey:
        return PaymentKey(self.owner_id, self.id)


_COLUMNS = ", ".join(StoredPayment._fields)
_INSERT = (
    "INSERT INTO payments (owner_id, id, kind, status, amount, refunded_amount, currency, note, method_id, "
    "refunds_owner_id, refunds_id, cause, provider, provider_reference, created_at, updated_at, sealed_at) "
    "VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $15)"
)
_PARTY: Columns = {"owner_id": "bigint", "direction": "text", "counterparty_id": "bigint"}
_PARTIES = (
    "INSERT INTO payment_parties (owner_id, payment_id, payment_owner_id, direction, counterparty_id) "
    "SELECT owner_id, CAST($2 AS BIGINT), CAST($1 AS BIGINT), direction, counterparty_id FROM input_rows"
)
_FIND = f"SELECT {_COLUMNS} FROM payments WHERE owner_id = $1 AND id = $2"  # noqa: S608 - built from constants
_SEAL = (
    "UPDATE payments SET status = $3, failure_code = $4, updated_at = $5, sealed_at = $5, action_url = NULL, "
    "action_secret = NULL WHERE owner_id = $1 AND id = $2 AND status = 'PENDING' RETURNING id"
)
_ADD_REFUNDED = (
    "UPDATE payments SET refunded_amount = CASE WHEN refunded_amount + $3 < amount THEN refunded_amount + $3 "
    "ELSE amount END, status = CASE WHEN refunded_amount + $3 < amount THEN 'PARTIALLY_REFUNDED' ELSE 'REFUNDED' END, "
    "updated_at = $4 WHERE owner_id = $1 AND id = $2 AND status IN ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'REFUNDED') "
    "RETURNING refunded_amount"
)
_SET_REFERENCE = (
    "UPDATE payments SET provider_reference = $3, action_url = $4, action_secret = $5, updated_at = $6 "
    "WHERE owner_id = $1 AND id = $2 AND status = 'PENDING' RETURNING id"
)
_INSERT_REFERENCE = (
    "INSERT INTO provider_payments (provider, reference, payment_owner_id, payment_id) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING"
)
_FIND_KEY = (
    "SELECT payment_owner_id AS owner_id, payment_id AS id FROM provider_payments "
    "WHERE provider = $1 AND reference = $2"
)
_OPEN = "INSERT INTO open_payments (owner_id, payment_id, due_at, attempts) VALUES ($1, $2, $3, 0)"
_CLOSE = "DELETE FROM open_payments WHERE owner_id = $1 AND payment_id = $2"
_ADD_EVENT = (
    "INSERT INTO provider_events (provider, event_id, kind, received_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING RETURNING event_id"
)


async def insert_payment(transaction: Queries, payment: NewPayment, now: datetime) -> None:
    """Inserts a payment. The database raises `IntegrityError` for a refund that the original does not permit."""
    refunds = payment.refunds or (None, None)
    sealed_at = None if payment.status == "PENDING" else now
    await transaction.fetch(
        _INSERT,
        *payment[:6],
        payment.note,
        payment.method_id,
        *refunds,
        payment.cause,
        payment.provider,
        payment.provider_reference,
        now,
        sealed_at,
    )


async def insert_parties(transaction: Queries, payment: PaymentKey, parties: Sequence[Party]) -> None:
    """Inserts the payment into the lists of its parties."""
    await transaction.fetch_with_rows(_PARTIES, _PARTY, parties, payment.owner_id, payment.id)


async def find_payment_row(queries: Queries, payment: PaymentKey) -> StoredPayment | None:
    """Returns a payment's row, or None."""
    rows = await queries.fetch(_FIND, payment.owner_id, payment.id)
    return StoredPayment(**rows[0]) if rows else None


async def lock_payment(transaction: Queries, payment: PaymentKey) -> StoredPayment | None:
    """Locks a payment and returns its row, or None. Payments are locked before wallets."""
    rows = await transaction.fetch(f"{_FIND} FOR UPDATE", payment.owner_id, payment.id)
    return StoredPayment(**rows[0]) if rows else None


async def seal(
    transaction: Queries,
    payment: PaymentKey,
    status: Literal["SUCCEEDED", "FAILED"],
    failure_code: str | None,
    now: datetime,
) -> bool:
    """Seals a PENDING payment, after its entries. Returns False if it is sealed already."""
    return bool(await transaction.fetch(_SEAL, payment.owner_id, payment.id, status, failure_code, now))


async def add_refunded(transaction: Queries, payment: PaymentKey, amount: int, now: datetime) -> int:
    """Adds to the refunded amount of a payment, at most up to its amount, and returns the refunded amount."""
    (row,) = await transaction.fetch(_ADD_REFUNDED, payment.owner_id, payment.id, amount, now)
    return int(row["refunded_amount"])


async def set_provider_reference(  # noqa: PLR0913, PLR0917 - the columns that it sets
    transaction: Queries,
    payment: PaymentKey,
    reference: str,
    action_url: str | None,
    action_secret: str | None,
    now: datetime,
) -> bool:
    """Sets a PENDING payment's reference at the provider and what the app needs to confirm it.

    Returns False if the payment is sealed already.
    """
    values = (reference, action_url, action_secret, now)
    return bool(await transaction.fetch(_SET_REFERENCE, payment.owner_id, payment.id, *values))


async def insert_provider_payment(transaction: Queries, provider: str, reference: str, payment: PaymentKey) -> None:
    """Makes a payment known by the provider's reference. A reference that is known stays as it is."""
    await transaction.fetch(_INSERT_REFERENCE, provider, reference, payment.owner_id, payment.id)


async def find_by_reference(queries: Queries, provider: str, reference: str) -> PaymentKey | None:
    """Returns the payment that the provider knows by the reference, or None."""
    rows = await queries.fetch(_FIND_KEY, provider, reference)
    return PaymentKey(**rows[0]) if rows else None


async def insert_open_payment(transaction: Queries, payment: PaymentKey, due_at: datetime) -> None:
    """Makes a PENDING payment an open one: the job asks the provider about it at `due_at`."""
    await transaction.fetch(_OPEN, payment.owner_id, payment.id, due_at)


async def delete_open_payment(transaction: Queries, payment: PaymentKey) -> None:
    """Ends the questions about a payment, in the transaction that seals it."""
    await transaction.fetch(_CLOSE, payment.owner_id, payment.id)


async def add_provider_event(transaction: Queries, provider: str, event_id: str, kind: str, now: datetime) -> bool:
    """Records a webhook of the provider. Returns False if it was handled before."""
    return bool(await transaction.fetch(_ADD_EVENT, provider, event_id, kind, now))
