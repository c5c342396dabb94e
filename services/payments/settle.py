"""Settles payments that wait for the provider: each is sealed in one transaction, once.

Every function locks the payment and changes nothing if it is sealed already, unless a refund failed after it had
succeeded. So a webhook, the job `settle_payments` and the request that started the payment may settle it at the same
time.
"""

import logging
from datetime import datetime, timedelta

from adapters.database import Queries
from adapters.payments import Action, ChargeState, PaymentKey, ProviderCharge, ProviderRefund, RefundState
from events import PaymentFailed, PaymentRefunded, PaymentSucceeded
from models import cache_tags
from services.payments.ledger import LedgerAccount, LedgerEntry, lock_wallets, post
from services.payments.pending import CONFIRMATION_TIME
from services.payments.records import (
    StoredPayment,
    add_refunded,
    delete_open_payment,
    find_payment_row,
    insert_provider_payment,
    lock_payment,
    seal,
    set_provider_reference,
)
from services.payments.returned_refunds import may_return, return_refund
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
"""The pauses between two questions to the provider about one payment; they double."""

_FAILURES = {
    ChargeState.DECLINED: "DECLINED",
    ChargeState.EXPIRED_METHOD: "EXPIRED_METHOD",
    ChargeState.CANCELLED: "DECLINED",
}
UNKNOWN_TO_PROVIDER = "PROVIDER_UNAVAILABLE"
"""The failure code of a payment that the provider did not receive."""

_ATTEMPTS = "SELECT attempts FROM open_payments WHERE owner_id = $1 AND payment_id = $2"
_POSTPONE = "UPDATE open_payments SET due_at = $3 WHERE owner_id = $1 AND payment_id = $2"


async def settle_charge(resources: Resources, key: PaymentKey, charge: ProviderCharge) -> None:
    """Makes a top-up what its charge is: SUCCEEDED, FAILED, or PENDING until it is confirmed."""
    await in_unit_of_work(resources, lambda work: apply_charge(work, resources, key, charge))


async def settle_refund(resources: Resources, key: PaymentKey, refund: ProviderRefund) -> None:
    """Makes the refund of a top-up what it is at the provider. If it failed, the money returns to the wallet."""
    await in_unit_of_work(resources, lambda work: apply_refund(work, resources, key, refund))


async def apply_charge(work: UnitOfWork, resources: Resources, key: PaymentKey, charge: ProviderCharge) -> None:
    """Settles a top-up in a unit of work. It changes nothing if the payment is sealed."""
    transaction, now = await work.transaction(), resources.clock()
    payment = await lock_payment(transaction, key)
    if payment is None or payment.status != "PENDING":
        return
    if not _agrees(payment, charge):
        await postpone(transaction, key, now)
        return
    work.changes(cache_tags.viewer(key.owner_id))
    await _store_reference(transaction, payment, charge.reference, charge.action, now)
    if charge.state in (ChargeState.PROCESSING, ChargeState.REQUIRES_ACTION):
        await postpone(transaction, key, now, payment.created_at + CONFIRMATION_TIME)
        return
    succeeded = charge.state is ChargeState.SUCCEEDED
    await _move(transaction, resources, payment, "PENDING", "WALLET" if succeeded else "PROVIDER")
    await _end(work, transaction, key, None if succeeded else _failure_code(charge), now)


async def apply_refund(work: UnitOfWork, resources: Resources, key: PaymentKey, refund: ProviderRefund) -> None:
    """Settles the refund of a top-up in a unit of work. Of a sealed one it returns the money, if it failed later."""
    transaction, now = await work.transaction(), resources.clock()
    found = await find_payment_row(transaction, key)
    if found is None or found.refunds_owner_id is None or found.refunds_id is None:
        return
    original = PaymentKey(found.refunds_owner_id, found.refunds_id)
    await lock_payment(transaction, original)
    payment = await lock_payment(transaction, key)
    if payment is not None and may_return(payment) and refund.state is RefundState.FAILED:
        if refund.reference == payment.provider_reference and _agrees(payment, refund):
            await return_refund(work, resources, payment)
        return
    if payment is None or payment.status != "PENDING":
        return
    if not _agrees(payment, refund):
        await postpone(transaction, key, now)
        return
    work.changes(cache_tags.viewer(key.owner_id))
    await _store_reference(transaction, payment, refund.reference, None, now)
    if refund.state is RefundState.PROCESSING:
        await postpone(transaction, key, now)
    elif refund.state is RefundState.SUCCEEDED:
        await _end(work, transaction, key, None, now)
        await add_refunded(transaction, original, payment.amount, now)
        work.emit(_refunded(original, key))
    else:
        await _move(transaction, resources, payment, "PROVIDER", "WALLET")
        await _end(work, transaction, key, _FAILURES[ChargeState.DECLINED], now)


async def postpone(queries: Queries, key: PaymentKey, now: datetime, latest: datetime | None = None) -> None:
    """Makes an open payment due after a pause, or at `latest` if that comes first.

    The pause doubles with each attempt of the job after the first one.
    """
    rows = await queries.fetch(_ATTEMPTS, *key)
    if rows:
        due_at = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(rows[0]["attempts"] - 1, 0), 10))
        await queries.fetch(_POSTPONE, *key, due_at if latest is None or latest <= now else min(due_at, latest))


def _agrees(payment: StoredPayment, found: ProviderCharge | ProviderRefund) -> bool:
    """Returns whether the provider moves the amount of the payment. If not, an operator has to look at it."""
    if (found.amount, found.currency) == (payment.amount, payment.currency):
        return True
    facts = {"owner_id": payment.owner_id, "payment_id": payment.id}
    logger.error("the provider names another amount for a payment, which stays as it is", extra=facts)
    return False


def _failure_code(charge: ProviderCharge) -> str:
    is_lost = charge.state is ChargeState.CANCELLED and not charge.reference
    return UNKNOWN_TO_PROVIDER if is_lost else _FAILURES[charge.state]


async def _store_reference(
    transaction: Queries, payment: StoredPayment, reference: str, action: Action | None, now: datetime
) -> None:
    """Stores the provider's reference, and what the owner of the card has to confirm. The first reference stays."""
    url, secret = action or (None, None)
    known = (payment.provider_reference, payment.action_url, payment.action_secret)
    if reference and known != (reference, url, secret):
        first = payment.provider_reference or reference
        await set_provider_reference(transaction, payment.key, first, url, secret, now)
    if reference and payment.provider and payment.provider_reference is None:
        await insert_provider_payment(transaction, payment.provider, reference, payment.key)


async def _move(
    transaction: Queries, resources: Resources, payment: StoredPayment, source: LedgerAccount, target: LedgerAccount
) -> None:
    """Moves the amount of a payment from one account of its owner to another."""
    owner_id, amount = payment.owner_id, payment.amount
    wallets = await lock_wallets(transaction, [owner_id])
    entries = (LedgerEntry(owner_id, source, -amount), LedgerEntry(owner_id, target, amount))
    await post(transaction, resources.ids, payment.key, payment.currency, entries, wallets, resources.clock())


async def _end(work: UnitOfWork, transaction: Queries, key: PaymentKey, failure: str | None, now: datetime) -> None:
    """Seals the payment after its last entries, and emits how it ended."""
    await seal(transaction, key, "SUCCEEDED" if failure is None else "FAILED", failure, now)
    await delete_open_payment(transaction, key)
    ended = PaymentSucceeded if failure is None else PaymentFailed
    work.emit(ended(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=0))


def _refunded(original: PaymentKey, refund: PaymentKey) -> PaymentRefunded:
    return PaymentRefunded(
        actor_id=original.owner_id,
        payment_owner_id=original.owner_id,
        payment_id=original.id,
        party_id=0,
        refund_owner_id=refund.owner_id,
        refund_id=refund.id,
    )
