"""The entries, parties and states that a payment has to have, by its kind and status. Pure functions."""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.payments import PaymentKey

Sums = Mapping[tuple[int, str], int]
"""The sums of the entries of a payment by owner and account, without those that are zero."""


class Stored(NamedTuple):
    """A payment with the payment that it refunds or returns, if there is one."""

    owner_id: int
    id: int
    kind: str
    status: str
    amount: int
    refunded_amount: int
    currency: str
    cause: str | None
    is_sealed: bool
    is_open: bool
    refunds_id: int | None
    original_owner_id: int | None
    original_kind: str | None
    original_cause: str | None
    original_currency: str | None
    original_recipient_id: int | None

    @property
    def key(self) -> PaymentKey:
        return PaymentKey(self.owner_id, self.id)


class ExpectedParty(NamedTuple):
    """A row that `payment_parties` has to contain for a payment."""

    owner_id: int
    direction: str
    counterparty_id: int | None


def other_owner(payment: Stored, sums: Sums) -> int | None:
    """Returns the other user whose wallet the payment changes, or None."""
    if payment.kind == "REFUND":
        return payment.original_owner_id if payment.original_kind == "TRANSFER" else None
    others = {owner_id for owner_id, account in sums if account == "WALLET" and owner_id != payment.owner_id}
    return others.pop() if payment.kind == "TRANSFER" and len(others) == 1 else None


def expected_sums(payment: Stored, other: int | None) -> Sums | None:
    """Returns the sums that the entries have to have. None if no payment of the kind has the status."""
    owner, amount = payment.owner_id, payment.amount
    if payment.cause is not None and payment.status != "SUCCEEDED":
        return None
    if payment.status == "FAILED":
        return {}
    if payment.kind == "TOP_UP":
        target = "PENDING" if payment.status == "PENDING" else "WALLET"
        return {(owner, "PROVIDER"): -amount, (owner, target): amount}
    if payment.cause is not None:
        source, target = ("PLATFORM", "PROVIDER") if payment.cause == "CHARGEBACK" else ("PROVIDER", "PLATFORM")
        return {(owner, source): -amount, (owner, target): amount}
    if payment.kind == "REFUND" and payment.original_kind == "TOP_UP":
        return {(owner, "WALLET"): -amount, (owner, "PROVIDER"): amount}
    received = {} if other is None else {(other, "WALLET"): amount}
    return None if payment.status == "PENDING" else {(owner, "WALLET"): -amount, **received}


def expected_parties(payment: Stored, other: int | None) -> list[ExpectedParty]:
    """Returns the parties that the payment has to have."""
    if payment.cause == "CHARGEBACK_REVERSED":
        return []
    if payment.kind == "TOP_UP":
        return [ExpectedParty(payment.owner_id, "IN", None)]
    if other is None:
        return [ExpectedParty(payment.owner_id, "OUT", None)]
    return [ExpectedParty(payment.owner_id, "OUT", other), ExpectedParty(other, "IN", payment.owner_id)]


def wrong_state(payment: Stored) -> str | None:
    """Returns what is wrong with status, seal and refunded amount, or None."""
    if (payment.status == "PENDING") == payment.is_sealed:
        return f"it is {payment.status}, and {'sealed' if payment.is_sealed else 'not sealed'}"
    if payment.is_open and payment.status != "PENDING":
        return f"it is {payment.status}, and waits for the provider"
    if payment.status == "PENDING" and not payment.is_open:
        return "it is PENDING, and does not wait for the provider"
    least, most = {
        "SUCCEEDED": (0, 0),
        "PARTIALLY_REFUNDED": (1, payment.amount - 1),
        "REFUNDED": (payment.amount, payment.amount),
    }.get(payment.status, (0, 0))
    if not least <= payment.refunded_amount <= most:
        return f"it is {payment.status}, and {payment.refunded_amount} of {payment.amount} is refunded"
    return None


def wrong_original(payment: Stored) -> str | None:
    """Returns what is wrong with the payment that a refund refunds, or None."""
    if payment.cause == "REFUND_RETURNED":
        return _wrong_refund(payment)
    if payment.kind != "REFUND":
        return None if payment.refunds_id is None else "it refunds a payment, and is no refund"
    if payment.original_kind is None:
        return "the payment that it refunds does not exist"
    is_refundable = payment.original_kind != "REFUND" and payment.original_cause is None
    if not is_refundable or (payment.cause is not None and payment.original_kind != "TOP_UP"):
        return f"it refunds a {payment.original_cause or payment.original_kind}"
    if payment.original_currency != payment.currency:
        return f"it is in {payment.currency}, and refunds a payment in {payment.original_currency}"
    refunder = payment.original_owner_id if payment.original_kind == "TOP_UP" else payment.original_recipient_id
    return None if payment.owner_id == refunder else "its owner did not receive the money that it refunds"


def _wrong_refund(payment: Stored) -> str | None:
    """Returns what is wrong with the refund whose money a payment returns, or None."""
    if payment.original_kind != "REFUND" or payment.original_cause is not None:
        return "what it returns is no refund"
    if (payment.original_owner_id, payment.original_currency) != (payment.owner_id, payment.currency):
        return "it returns a refund of another owner, or in another currency"
    return None
