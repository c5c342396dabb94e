"""Chargebacks: the payment provider takes the money of a top-up back, because the owner of the card disputes it.

The wallet is not touched, since its money may be spent. The loss is the platform's until the dispute is won.
"""

import logging
from collections.abc import Mapping

from adapters.database import Queries
from adapters.payments import PaymentKey, WebhookEvent
from events import PaymentChargedBack
from models import cache_tags
from services.payments.ledger import LedgerAccount, LedgerEntry, post
from services.payments.records import (
    Cause,
    NewPayment,
    Party,
    StoredPayment,
    add_refunded,
    insert_parties,
    insert_payment,
    lock_payment,
)
from services.resources import Resources
from services.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

_MOVED = (
    "SELECT cause, provider_reference AS dispute, amount FROM payments "
    "WHERE refunds_owner_id = $1 AND refunds_id = $2 AND cause IS NOT NULL"
)

_IS_OF_ANOTHER = (
    "SELECT 1 AS one FROM payments WHERE provider = $1 AND provider_reference = $2 AND cause IS NOT NULL "
    "AND NOT (refunds_owner_id = $3 AND refunds_id = $4) LIMIT 1"
)

Moved = Mapping[tuple[str, str], int]
"""The amounts that the disputes of a top-up moved, by cause and dispute."""


class Premature(Exception):
    """An event of what cannot have happened yet: an event before it has not arrived."""


async def apply_chargeback(work: UnitOfWork, resources: Resources, key: PaymentKey, event: WebhookEvent) -> None:
    """Writes a chargeback of a top-up. Raises `Premature` while the top-up is pending.

    A dispute that is told in two events counts once. Two disputes of one top-up count both.
    """
    transaction = await work.transaction()
    original, moved = await _lock(transaction, resources, key, event)
    if original is None or ("CHARGEBACK", _dispute(original, event)) in moved:
        return
    if original.status == "PENDING":
        raise Premature
    refund = await _write(work, resources, original, event, "CHARGEBACK")
    await insert_parties(transaction, refund, [Party(key.owner_id, "OUT", None)])
    await add_refunded(transaction, key, event.amount, resources.clock())
    work.emit(
        PaymentChargedBack(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, refund_id=refund.id)
    )


async def apply_reversal(work: UnitOfWork, resources: Resources, key: PaymentKey, event: WebhookEvent) -> None:
    """Writes that the money of a chargeback was returned. Raises `Premature` if the chargeback is unknown."""
    transaction = await work.transaction()
    original, moved = await _lock(transaction, resources, key, event)
    if original is None or ("CHARGEBACK_REVERSED", _dispute(original, event)) in moved:
        return
    taken = moved.get(("CHARGEBACK", _dispute(original, event)))
    if taken is None:
        raise Premature
    if event.amount > taken:
        logger.error("a reversal exceeds its chargeback and is ignored", extra=key._asdict())
        return
    await _write(work, resources, original, event, "CHARGEBACK_REVERSED")


async def _lock(
    transaction: Queries, resources: Resources, key: PaymentKey, event: WebhookEvent
) -> tuple[StoredPayment | None, Moved]:
    """Locks a top-up. Returns it with its chargebacks and their reversals.

    Returns None if it is no top-up in the currency of the event, has failed, or if the dispute is that of another
    payment: an operator has to look at it.
    """
    original = await lock_payment(transaction, key)
    is_top_up = original is not None and original.kind == "TOP_UP" and original.cause is None
    if original is None or not is_top_up or original.currency != event.currency or event.amount <= 0:
        logger.error("a chargeback does not match its payment and is ignored", extra=key._asdict())
        return None, {}
    if original.status == "FAILED":
        logger.error("a chargeback of a failed payment is ignored", extra=key._asdict())
        return None, {}
    if await transaction.fetch(_IS_OF_ANOTHER, resources.payments.name, _dispute(original, event), *key):
        logger.error("a chargeback with the dispute of another payment is ignored", extra=key._asdict())
        return None, {}
    rows = await transaction.fetch(_MOVED, *key)
    return original, {(row["cause"], row["dispute"]): row["amount"] for row in rows}


def _dispute(original: StoredPayment, event: WebhookEvent) -> str:
    """Returns what identifies the dispute. A provider without ids of disputes has one for each charge."""
    return event.dispute or event.charge or original.provider_reference or ""


async def _write(
    work: UnitOfWork, resources: Resources, original: StoredPayment, event: WebhookEvent, cause: Cause
) -> PaymentKey:
    """Writes the entries, then the payment, and returns its key. Reversals have no parties: users do not see them."""
    transaction, now = await work.transaction(), resources.clock()
    key = PaymentKey(original.owner_id, resources.ids.next())
    source: LedgerAccount = "PLATFORM" if cause == "CHARGEBACK" else "PROVIDER"
    target: LedgerAccount = "PROVIDER" if cause == "CHARGEBACK" else "PLATFORM"
    entries = (LedgerEntry(key.owner_id, source, -event.amount), LedgerEntry(key.owner_id, target, event.amount))
    await post(transaction, resources.ids, key, event.currency, entries, {}, now)
    payment = NewPayment(
        *key,
        "REFUND",
        "SUCCEEDED",
        event.amount,
        event.currency,
        refunds=original.key,
        cause=cause,
        provider=resources.payments.name,
        provider_reference=_dispute(original, event),
    )
    await insert_payment(transaction, payment, now)
    work.changes(cache_tags.viewer(key.owner_id))
    return key
