"""Chargebacks: the payment provider takes the money of a top-up back, because the owner of the card disputes it.

The wallet is not touched, since its money may be spent. The loss is the platform's until the dispute is won.
"""

import logging

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

_SUMS_OF_CHARGEBACKS = (
    "SELECT COALESCE(SUM(CASE WHEN cause = 'CHARGEBACK' THEN amount ELSE 0 END), 0) AS taken, "
    "COALESCE(SUM(CASE WHEN cause = 'CHARGEBACK_REVERSED' THEN amount ELSE 0 END), 0) AS returned "
    "FROM payments WHERE refunds_owner_id = $1 AND refunds_id = $2"
)


class Premature(Exception):
    """An event of what cannot have happened yet: an event before it has not arrived."""


async def apply_chargeback(work: UnitOfWork, resources: Resources, key: PaymentKey, event: WebhookEvent) -> None:
    """Writes a chargeback of a top-up. Raises `Premature` while the top-up is pending.

    Chargebacks of a payment never exceed its amount. So if two events with different ids describe one chargeback of the
    whole amount, the second one is ignored.
    """
    transaction = await work.transaction()
    original, taken, returned = await _lock(transaction, key, event)
    if original is None:
        return
    if original.status == "PENDING":
        raise Premature
    if taken - returned + event.amount > original.amount:
        logger.error("a chargeback exceeds its payment and is ignored", extra=key._asdict())
        return
    refund = await _write(work, resources, original, event, "CHARGEBACK")
    await insert_parties(transaction, refund, [Party(key.owner_id, "OUT", None)])
    await add_refunded(transaction, key, event.amount, resources.clock())
    work.emit(
        PaymentChargedBack(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, refund_id=refund.id)
    )


async def apply_reversal(work: UnitOfWork, resources: Resources, key: PaymentKey, event: WebhookEvent) -> None:
    """Writes that the money of a chargeback was returned. Raises `Premature` if the chargeback is unknown."""
    transaction = await work.transaction()
    original, taken, returned = await _lock(transaction, key, event)
    if original is None:
        return
    if returned + event.amount > taken:
        raise Premature
    await _write(work, resources, original, event, "CHARGEBACK_REVERSED")


async def _lock(transaction: Queries, key: PaymentKey, event: WebhookEvent) -> tuple[StoredPayment | None, int, int]:
    """Locks a top-up. Returns it with the sums of its chargebacks and of their reversals.

    Returns None if it is no top-up in the currency of the event, or has failed: an operator has to look at it.
    """
    original = await lock_payment(transaction, key)
    if original is None or original.kind != "TOP_UP" or original.currency != event.currency or event.amount <= 0:
        logger.error("a chargeback does not match its payment and is ignored", extra=key._asdict())
        return None, 0, 0
    if original.status == "FAILED":
        logger.error("a chargeback of a failed payment is ignored", extra=key._asdict())
        return None, 0, 0
    (sums,) = await transaction.fetch(_SUMS_OF_CHARGEBACKS, *key)
    return original, int(sums["taken"]), int(sums["returned"])


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
        provider_reference=event.charge or original.provider_reference,
    )
    await insert_payment(transaction, payment, now)
    work.changes(cache_tags.viewer(key.owner_id))
    return key
