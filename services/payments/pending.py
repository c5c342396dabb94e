"""Payments that are PENDING, and what the provider is asked about them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from adapters.database import Queries
from adapters.payments import (
    ChargeRequest,
    ChargeState,
    PaymentKey,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    RefundState,
)
from services.resources import Resources

CONFIRMATION_TIME = timedelta(hours=1)
"""The time in which the owner of a card may confirm a charge. After that, it is cancelled."""

REPEATABLE_TIME = timedelta(hours=23)
"""The time in which a request is repeated with the key of its payment. Providers keep keys for 24 hours."""

LOST_AFTER = timedelta(minutes=10)
"""The time after which a charge that the provider does not know, and that is not repeated, will never exist."""

_PENDING = (
    "SELECT p.owner_id, p.id, p.kind, p.amount, p.currency, p.created_at, p.provider, "
    "p.provider_reference AS reference, m.provider_reference AS method, "
    "m.removed_at IS NOT NULL AS is_removed, o.provider_reference AS charge "
    "FROM payments p LEFT JOIN payment_methods m ON m.owner_id = p.owner_id AND m.id = p.method_id "
    "LEFT JOIN payments o ON o.owner_id = p.refunds_owner_id AND o.id = p.refunds_id "
    "WHERE p.owner_id = $1 AND p.id = $2 AND p.status = 'PENDING'"
)


class PendingPayment(NamedTuple):
    """A PENDING payment.

    `reference` is that of its charge or refund, if it is known by now. `method` is that of the card; it is empty or
    None if the card was detached. A card that `is_removed` is not charged any more. `charge` is that of the charge that
    a refund returns.
    """

    key: PaymentKey
    kind: str
    amount: int
    currency: str
    created_at: datetime
    reference: str | None
    method: str | None
    charge: str | None
    provider: str | None
    is_removed: bool

    @property
    def charge_request(self) -> ChargeRequest:
        return ChargeRequest(self.key, self.method or "", self.amount, self.currency, self.created_at)

    @property
    def refund_request(self) -> RefundRequest:
        return RefundRequest(self.key, self.charge or "", self.amount, self.currency, self.created_at)


def first_due(resources: Resources, now: datetime) -> datetime:
    """Returns when the provider is asked about a new payment, if its request has not settled it by then."""
    return now + timedelta(seconds=2 * resources.settings.payments_deadline)


async def find_pending(queries: Queries, key: PaymentKey) -> PendingPayment | None:
    """Returns a payment if it is PENDING."""
    rows = await queries.fetch(_PENDING, *key)
    if not rows:
        return None
    (row,) = rows
    values = (row["kind"], row["amount"], row["currency"], row["created_at"])
    provided = (row["reference"], row["method"], row["charge"], row["provider"])
    return PendingPayment(key, *values, *provided, bool(row["is_removed"]))


def _check_provider(pending: PendingPayment, name: str) -> None:
    """Raises `ProviderUnavailable` for a payment of a provider that was in use before: another one cannot settle it."""
    if pending.provider != name:
        raise ProviderUnavailable(f"the payment belongs to the provider {pending.provider}")


async def ask_charge(resources: Resources, pending: PendingPayment) -> ProviderCharge | None:
    """Returns the charge of a top-up as it is now. None if it does not exist and may yet be created.

    A charge whose reference is unknown is requested again with the same key, so there is one charge at most. If the
    card was removed meanwhile, the charge is only searched for. One that was not confirmed in time is cancelled. A
    charge that cannot exist any more is returned as CANCELLED. Raises `ProviderUnavailable`.
    """
    provider, age = resources.payments, resources.clock() - pending.created_at
    _check_provider(pending, provider.name)
    if pending.reference is None and pending.method and not pending.is_removed and age < REPEATABLE_TIME:
        charge = await provider.charge(pending.charge_request)
    else:
        charge = await provider.find_charge(pending.charge_request, pending.reference)
    if charge is None:
        lost = ProviderCharge("", ChargeState.CANCELLED, pending.amount, pending.currency)
        return lost if age >= LOST_AFTER else None
    if charge.state is ChargeState.REQUIRES_ACTION and age >= CONFIRMATION_TIME:
        return await provider.cancel_charge(charge.reference)
    return charge


async def ask_refund(provider: PaymentProvider, pending: PendingPayment, now: datetime) -> ProviderRefund:
    """Returns the refund of a payment as it is now. Requests it again if its reference is unknown.

    A refund that cannot exist any more is returned as FAILED. Raises `ProviderUnavailable`.
    """
    _check_provider(pending, provider.name)
    if pending.reference is None and now - pending.created_at < REPEATABLE_TIME:
        return await provider.refund(pending.refund_request)
    refund = await provider.find_refund(pending.refund_request, pending.reference)
    return refund or ProviderRefund("", RefundState.FAILED, pending.amount, pending.currency)
