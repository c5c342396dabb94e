"""Refunds of top-ups: money from the wallet back to the card.

The steps are those of a top-up. The money leaves the wallet with the first one, so it cannot be spent meanwhile; it
returns if the provider does not refund it.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from adapters.payments import PaymentKey, ProviderUnavailable, RefundRequest
from core.cancellation import finish
from core.errors import (
    account_deleted,
    insufficient_funds,
    invalid_input,
    not_found,
    provider_unavailable,
)
from core.viewer import SignedIn
from events import PaymentStarted
from models.payments import PaymentRow
from services.idempotency import CreatedRow, claim
from services.payments.accounts import lock_accounts
from services.payments.history import find_payments
from services.payments.inputs import RefundPayment
from services.payments.ledger import LedgerEntry, lock_wallets, post
from services.payments.outcomes import problem_of, wait_for_end
from services.payments.pending import first_due
from services.payments.records import (
    NewPayment,
    Party,
    StoredPayment,
    insert_open_payment,
    insert_parties,
    insert_payment,
    lock_payment,
)
from services.payments.refund_rules import AMOUNT, NO_PAYMENT, PAYMENT, idempotent_request, refund_amount
from services.payments.settle import settle_refund
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

logger = logging.getLogger(__name__)

_PENDING = (
    "SELECT COALESCE(SUM(amount), 0) AS total FROM payments "
    "WHERE refunds_owner_id = $1 AND refunds_id = $2 AND status = 'PENDING'"
)


class _StartedPayment(NamedTuple):
    """The refund of a request. `refund` is what to ask the provider for, or None if an earlier request did."""

    key: PaymentKey
    refund: RefundRequest | None


async def refund_top_up(
    viewer: SignedIn, resources: Resources, original: PaymentRow, request: RefundPayment
) -> Mapping[str, Any]:
    """Starts a refund to the card and returns a `RefundPaymentSuccessRow`.

    `original` is a top-up of the viewer as it was before the refund. Raises `ProblemError` if it cannot be refunded,
    and if the provider does not refund it.
    """
    paid = PaymentKey(original["owner_id"], original["id"])
    started = await in_unit_of_work(resources, partial(_start, viewer, resources, paid, request), viewer)
    if started.refund is None:
        await wait_for_end(resources, started.key)
    else:
        await _refund(resources, started.refund)
    payment, refund = await find_payments(viewer, resources.database, [paid, started.key])
    if payment is None or refund is None:
        raise account_deleted()
    if refund["status"] == "FAILED":
        raise problem_of(refund, PAYMENT)
    replayed = started.refund is None
    return {"__typename": "RefundPaymentSuccess", "payment": payment, "refund": refund, "replayed": replayed}


async def _start(
    viewer: SignedIn, resources: Resources, paid: PaymentKey, request: RefundPayment, work: UnitOfWork
) -> _StartedPayment:
    """Writes the pending refund, or finds the one that an earlier request with this key has written."""
    candidate = CreatedRow(viewer.user_id, resources.ids.next())
    claimed = await claim(viewer, work, resources, idempotent_request(request), candidate)
    key = PaymentKey(*claimed)
    if claimed != candidate:
        work.repeat(_started_event(key))
        return _StartedPayment(key, None)
    if not resources.payments.is_available:
        raise provider_unavailable("Cards cannot be refunded at the moment. Try again later.")
    transaction, now = await work.transaction(), resources.clock()
    await lock_accounts(viewer, transaction, [])
    original = await lock_payment(transaction, paid)
    if original is None:
        raise not_found(PAYMENT, NO_PAYMENT)
    pending = int((await transaction.fetch(_PENDING, *paid))[0]["total"])
    amount, charge = refund_amount(original, request, pending), _charge_of(original, resources)
    await _write(work, resources, key, original, amount)
    return _StartedPayment(key, RefundRequest(key, charge, amount, original.currency, now))


def _charge_of(original: StoredPayment, resources: Resources) -> str:
    if original.cause is not None:
        raise invalid_input(PAYMENT, "This is the money of a failed refund. It cannot be refunded to the card.")
    if original.provider != resources.payments.name or original.provider_reference is None:
        raise invalid_input(PAYMENT, "The payment provider of this top-up cannot refund it any more.")
    return original.provider_reference


async def _write(work: UnitOfWork, resources: Resources, key: PaymentKey, original: StoredPayment, amount: int) -> None:
    """Writes the pending refund and takes its money out of the wallet."""
    transaction, now, owner_id, currency = await work.transaction(), resources.clock(), key.owner_id, original.currency
    wallets = await lock_wallets(transaction, [owner_id])
    if owner_id not in wallets or wallets[owner_id].available < amount:
        raise insufficient_funds(AMOUNT)
    payment = NewPayment(
        owner_id,
        key.id,
        "REFUND",
        "PENDING",
        amount,
        currency,
        refunds=original.key,
        provider=original.provider,
    )
    await insert_payment(transaction, payment, now)
    await insert_parties(transaction, key, [Party(owner_id, "OUT", None)])
    entries = (LedgerEntry(owner_id, "WALLET", -amount), LedgerEntry(owner_id, "PROVIDER", amount))
    await post(transaction, resources.ids, key, currency, entries, wallets, now)
    await insert_open_payment(transaction, key, first_due(resources, now))
    work.emit(_started_event(key))


def _started_event(key: PaymentKey) -> PaymentStarted:
    return PaymentStarted(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=0)


async def _refund(resources: Resources, request: RefundRequest) -> None:
    """Refunds the charge and settles the payment. If the provider does not answer, the payment stays pending."""
    try:
        refund = await resources.payments.refund(request)
    except ProviderUnavailable as error:
        facts = {"owner_id": request.payment.owner_id, "payment_id": request.payment.id}
        logger.warning("a refund waits for the provider: %s", error, extra=facts)
        return
    await finish(settle_refund(resources, request.payment, refund))
