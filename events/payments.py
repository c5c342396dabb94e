"""Events of payments and payment methods.

The owner of a payment is the user who started it. Its events are in the owner's partition, so they are ordered. The
actor of what the payment provider caused is the owner. `party_id` is the other party, or 0 if there is none.
"""

from typing import ClassVar

from events.base import Event


class PaymentStarted(Event, frozen=True):
    """The actor started a payment that waits for the payment provider."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    party_id: int


class PaymentSucceeded(Event, frozen=True):
    """A payment has moved its money. Refunds are payments too."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    party_id: int


class PaymentFailed(Event, frozen=True):
    """A payment has failed, and moved no money."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    party_id: int


class PaymentRefunded(Event, frozen=True):
    """The payment `refund_id` has refunded a part of a payment, or all of it."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    party_id: int
    refund_owner_id: int
    refund_id: int


class PaymentChargedBack(Event, frozen=True):
    """The payment provider took the money of a top-up back. The payment `refund_id` of its owner records it."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    refund_id: int


class PaymentRefundReturned(Event, frozen=True):
    """The refund `refund_id` to a card failed after it had succeeded. The payment of its owner returned the money."""

    owner_field: ClassVar[str] = "payment_owner_id"

    payment_owner_id: int
    payment_id: int
    refund_id: int


class PaymentMethodAdded(Event, frozen=True):
    """The actor added a card."""

    method_id: int


class PaymentMethodRemoved(Event, frozen=True):
    """The actor removed a card."""

    method_id: int


EVENTS = (
    PaymentStarted,
    PaymentSucceeded,
    PaymentFailed,
    PaymentRefunded,
    PaymentChargedBack,
    PaymentRefundReturned,
    PaymentMethodAdded,
    PaymentMethodRemoved,
)
