"""Returns the money of refunds to cards that failed after they had succeeded, as when a bank rejects the refund.

The provider gives the money back to the platform. A top-up that names the refund gives it back to the wallet.
"""

from adapters.database import Queries
from adapters.payments import PaymentKey, PaymentProvider, ProviderRefund, RefundRequest, RefundState
from events import PaymentRefundReturned
from models import cache_tags
from services.payments.ledger import LedgerEntry, lock_wallets, post
from services.payments.records import (
    NewPayment,
    Party,
    StoredPayment,
    find_payment_row,
    insert_parties,
    insert_payment,
)
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_RETURNED = "SELECT 1 AS one FROM payments WHERE refunds_owner_id = $1 AND refunds_id = $2"


async def find_failed_refund(queries: Queries, provider: PaymentProvider, key: PaymentKey) -> ProviderRefund | None:
    """Returns what the provider knows of a refund that has succeeded here and failed there, or None.

    Raises `ForeignReference` and `ProviderUnavailable`.
    """
    refund = await find_payment_row(queries, key)
    if refund is None or not may_return(refund) or refund.provider != provider.name:
        return None
    original = await find_payment_row(queries, PaymentKey(refund.refunds_owner_id or 0, refund.refunds_id or 0))
    charge = original.provider_reference if original is not None else None
    asked = RefundRequest(key, charge or "", refund.amount, refund.currency, refund.created_at)
    found = await provider.find_refund(asked, refund.provider_reference)
    return found if found is not None and found.state is RefundState.FAILED else None


async def return_refund(work: UnitOfWork, resources: Resources, refund: StoredPayment) -> None:
    """Returns the money of a failed refund, which is locked, to the wallet of its owner, once."""
    transaction, now, owner_id = await work.transaction(), resources.clock(), refund.owner_id
    if await transaction.fetch(_RETURNED, *refund.key):
        return
    payment = PaymentKey(owner_id, resources.ids.next())
    returned = NewPayment(
        *payment,
        "TOP_UP",
        "SUCCEEDED",
        refund.amount,
        refund.currency,
        refunds=refund.key,
        cause="REFUND_RETURNED",
        provider=refund.provider,
        provider_reference=refund.provider_reference,
    )
    wallets = await lock_wallets(transaction, [owner_id])
    entries = (LedgerEntry(owner_id, "PROVIDER", -refund.amount), LedgerEntry(owner_id, "WALLET", refund.amount))
    await post(transaction, resources.ids, payment, refund.currency, entries, wallets, now)
    await insert_payment(transaction, returned, now)
    await insert_parties(transaction, payment, [Party(owner_id, "IN", None)])
    work.changes(cache_tags.viewer(owner_id))
    work.emit(
        PaymentRefundReturned(actor_id=owner_id, payment_owner_id=owner_id, payment_id=payment.id, refund_id=refund.id)
    )


def may_return(payment: StoredPayment) -> bool:
    """Returns whether a payment is a refund to a card whose money has left."""
    return payment.kind == "REFUND" and payment.cause is None and payment.status == "SUCCEEDED"
