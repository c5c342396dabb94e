"""Refunds of transfers, and the choice between them and refunds of top-ups."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from adapters.payments import PaymentKey
from core.errors import account_deleted, currency_mismatch, forbidden, insufficient_funds, invalid_input, not_found
from core.viewer import SignedIn
from events import Event, PaymentRefunded, PaymentSucceeded
from services.idempotency import CreatedRow, claim
from services.payments.accounts import lock_accounts
from services.payments.amounts import CURRENCY, MINOR_UNITS
from services.payments.history import find_payments
from services.payments.inputs import RefundPayment
from services.payments.ledger import LedgerEntry, lock_wallets, post
from services.payments.records import (
    NewPayment,
    Party,
    add_refunded,
    insert_parties,
    insert_payment,
    lock_payment,
)
from services.payments.refund_rules import (
    AMOUNT,
    NO_PAYMENT,
    PAYMENT,
    RefundPaymentSuccessRow,
    idempotent_request,
    refund_amount,
)
from services.payments.top_up_refunds import refund_top_up
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work


async def refund_payment(viewer: SignedIn, resources: Resources, request: RefundPayment) -> Mapping[str, Any]:
    """Returns the money of a payment, or a part of it, and returns a `RefundPaymentSuccessRow`.

    Raises `ProblemError` if the payment is not visible, the viewer may not refund it, or the amount is not possible.
    """
    if request.amount is not None and request.amount.minor_units <= 0:
        raise invalid_input(MINOR_UNITS, "Send an amount greater than zero.")
    key = PaymentKey(request.original.owner_id, request.original.id)
    (original,) = await find_payments(viewer, resources.database, [key])
    if original is None:
        raise not_found(PAYMENT, NO_PAYMENT)
    if request.amount is not None and request.amount.currency != original["currency"]:
        raise currency_mismatch(CURRENCY, f"The payment is in {original['currency']}.")
    if original["kind"] == "REFUND":
        raise forbidden(PAYMENT, "A refund cannot be refunded.")
    if original["kind"] == "TOP_UP":
        return await refund_top_up(viewer, resources, original, request)
    if original["direction"] == "OUT":
        raise forbidden(PAYMENT, "Only the recipient of this payment can refund it.")
    return await in_unit_of_work(resources, partial(_refund_once, viewer, resources, request), viewer)


async def _refund_once(
    viewer: SignedIn, resources: Resources, request: RefundPayment, work: UnitOfWork
) -> RefundPaymentSuccessRow:
    """Refunds a transfer, or returns the refund that an earlier request with this key has made."""
    key = PaymentKey(request.original.owner_id, request.original.id)
    candidate = CreatedRow(viewer.user_id, resources.ids.next())
    claimed = await claim(viewer, work, resources, idempotent_request(request), candidate)
    refund_key = PaymentKey(*claimed)
    if claimed == candidate:
        await _refund(viewer, work, resources, request, refund_key)
    for event in _events(viewer, key, refund_key):
        if claimed == candidate:
            work.emit(event)
        else:
            work.repeat(event)
    payment, refund = await find_payments(viewer, await work.transaction(), [key, refund_key])
    if payment is None or refund is None:
        raise account_deleted()
    replayed = claimed != candidate
    return {"__typename": "RefundPaymentSuccess", "payment": payment, "refund": refund, "replayed": replayed}


def _events(viewer: SignedIn, key: PaymentKey, refund: PaymentKey) -> tuple[Event, Event]:
    """Returns the events of the refund and of the refunded payment. Each names the other party of its payment."""
    return (
        PaymentSucceeded(
            actor_id=viewer.user_id, payment_owner_id=refund.owner_id, payment_id=refund.id, party_id=key.owner_id
        ),
        PaymentRefunded(
            actor_id=viewer.user_id,
            payment_owner_id=key.owner_id,
            payment_id=key.id,
            party_id=viewer.user_id,
            refund_owner_id=refund.owner_id,
            refund_id=refund.id,
        ),
    )


async def _refund(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, request: RefundPayment, refund: PaymentKey
) -> None:
    """Moves the money of a transfer from its recipient, the viewer, back to its sender."""
    transaction, now = await work.transaction(), resources.clock()
    key = PaymentKey(request.original.owner_id, request.original.id)
    recipient_id, sender_id = viewer.user_id, key.owner_id
    if sender_id not in await lock_accounts(viewer, transaction, [sender_id]):
        raise not_found(PAYMENT, "The account of the sender does not exist any more.")
    original = await lock_payment(transaction, key)
    if original is None:
        raise not_found(PAYMENT, NO_PAYMENT)
    amount, currency = refund_amount(original, request), original.currency
    wallets = await lock_wallets(transaction, [recipient_id, sender_id])
    if wallets[recipient_id].available < amount:
        raise insufficient_funds(AMOUNT)
    entries = [LedgerEntry(recipient_id, "WALLET", -amount), LedgerEntry(sender_id, "WALLET", amount)]
    await post(transaction, resources.ids, refund, currency, entries, wallets, now)
    await insert_payment(transaction, NewPayment(*refund, "REFUND", "SUCCEEDED", amount, currency, refunds=key), now)
    parties = [Party(recipient_id, "OUT", sender_id), Party(sender_id, "IN", recipient_id)]
    await insert_parties(transaction, refund, parties)
    await add_refunded(transaction, key, amount, now)
