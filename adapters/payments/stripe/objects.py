"""The parts of Stripe's objects that are read, and what their states mean.

Stripe counts our currencies in the same minor units as we do. It does not for ISK, UGX and those with three decimals.
"""

import re
from typing import Any, TypeVar

import msgspec

from adapters.payments.base import (
    Action,
    ChargeState,
    PaymentKey,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundState,
)

_ID = re.compile(r"[0-9]{1,18}|[0-8][0-9]{18}")
_EXPIRED = "expired_card"
_CHARGES = {
    "succeeded": ChargeState.SUCCEEDED,
    "requires_action": ChargeState.REQUIRES_ACTION,
    "processing": ChargeState.PROCESSING,
    "requires_capture": ChargeState.PROCESSING,
    "requires_confirmation": ChargeState.PROCESSING,
}
_REFUNDS = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}

ABANDONED = "abandoned"
"""The reason with which a payment intent is cancelled after its card was declined."""

ObjectT = TypeVar("ObjectT")


class Failure(msgspec.Struct):
    """The reason for which the last attempt of a payment intent failed."""

    code: str | None = None


class Redirect(msgspec.Struct):
    """The page of the bank."""

    url: str | None = None


class NextAction(msgspec.Struct):
    """The next step of the owner of the card."""

    redirect_to_url: Redirect | None = None


class StripeMoney(msgspec.Struct):
    """An object with an amount and our metadata."""

    id: str
    amount: int
    currency: str
    metadata: dict[str, str] | None = None
    payment_intent: str | None = None

    @property
    def code(self) -> str:
        """The code of the currency, in our form."""
        return self.currency.upper()

    @property
    def payment(self) -> PaymentKey | None:
        """The payment that the metadata name."""
        named = self.metadata or {}
        ids = [named.get("owner_id", ""), named.get("payment_id", "")]
        return PaymentKey(int(ids[0]), int(ids[1])) if all(map(_ID.fullmatch, ids)) else None


class Intent(StripeMoney):
    """A payment intent."""

    status: str | None = None
    customer: str | None = None
    client_secret: str | None = None
    cancellation_reason: str | None = None
    last_payment_error: Failure | None = None
    next_action: NextAction | None = None

    @property
    def is_declined(self) -> bool:
        """Whether the card was declined, and another card could be charged still."""
        return self.status == "requires_payment_method"

    def charge(self) -> ProviderCharge:
        """Returns the charge that this is. Raises `ProviderUnavailable` if its status is not known."""
        state = _CHARGES.get(self.status or "") or self._failed()
        action = None
        if state is ChargeState.REQUIRES_ACTION:
            redirect = self.next_action.redirect_to_url if self.next_action else None
            action = Action(redirect.url if redirect else None, self.client_secret)
        return ProviderCharge(self.id, state, self.amount, self.code, action)

    def _failed(self) -> ChargeState:
        if not self.is_declined and self.status != "canceled":
            raise ProviderUnavailable("the payment intent has an unknown status")
        if self.last_payment_error is not None and self.last_payment_error.code == _EXPIRED:
            return ChargeState.EXPIRED_METHOD
        declined = self.is_declined or self.last_payment_error is not None or self.cancellation_reason == ABANDONED
        return ChargeState.DECLINED if declined else ChargeState.CANCELLED


class Refund(StripeMoney):
    """A refund."""

    status: str | None = None

    @property
    def state(self) -> RefundState:
        """Its state. With any other status, now or in a later version of Stripe, it may yet succeed."""
        return _REFUNDS.get(self.status or "", RefundState.PROCESSING)

    def refund(self) -> ProviderRefund:
        """Returns the refund that this is."""
        return ProviderRefund(self.id, self.state, self.amount, self.code)


class BalanceChange(msgspec.Struct):
    """A balance transaction, in the currency of the account. The amount is negative if it was taken."""

    amount: int
    currency: str


class Dispute(StripeMoney):
    """A dispute. Its balance transactions are what was taken by it, and what was returned after it was won."""

    balance_transactions: list[BalanceChange] | None = None

    def moved(self, *, is_returned: bool) -> int:
        """Returns what was taken or returned, in the currency of the charge. If it was won in part, a part returns.

        If the account has another currency, the exchange rate may differ between the two, so the amount of the dispute
        was taken, and the same share of it is returned as of what was taken.
        """
        changes = self.balance_transactions or []
        taken = -sum(change.amount for change in changes if change.amount < 0)
        returned = sum(change.amount for change in changes if change.amount > 0)
        if all(change.currency == self.currency for change in changes):
            return (returned if is_returned else taken) or self.amount
        if not is_returned or not taken or not returned:
            return self.amount
        return min(self.amount, (2 * self.amount * returned + taken) // (2 * taken))


def metadata_of(payment: PaymentKey) -> dict[str, str]:
    """Returns the metadata that name a payment."""
    return {"owner_id": str(payment.owner_id), "payment_id": str(payment.id)}


def read(found: Any, kind: type[ObjectT]) -> ObjectT:
    """Returns the parts of an object of the library. Raises `ProviderUnavailable` if it has another form."""
    return convert(found.to_dict(), kind)


def convert(found: dict[str, Any], kind: type[ObjectT]) -> ObjectT:
    """Returns the parts of an object. Raises `ProviderUnavailable` if it has another form."""
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise ProviderUnavailable("the answer is not understood") from error
