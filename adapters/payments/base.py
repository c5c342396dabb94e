"""The interface of a payment provider, shaped after Stripe's PaymentIntents.

Amounts are whole minor units. What the provider decides is a state, never an exception: a declined card is the answer
of a call that succeeded. `ProviderUnavailable` means that the outcome is unknown.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class ProviderUnavailable(Exception):
    """The provider was not reached, or its answer did not arrive: the outcome is unknown.

    The message is the cause, without addresses, secrets and personal data.
    """


class RequestRejected(ProviderUnavailable):
    """The provider answered that it does not accept the request, because of our configuration or a fault of ours."""


class ForeignReference(RequestRejected):
    """The reference names a charge or a refund of another payment, or one that other software has made."""


class CardRejected(Exception):
    """The provider does not accept the card."""


class InvalidToken(Exception):
    """The provider does not know the token of a card, or it was used already."""


class InvalidWebhook(Exception):
    """The webhook is not signed with one of our secrets, is too old, or is no event. The message is for the log."""


class Card(NamedTuple):
    """A card that the provider holds. `expires_on` is the last day of its last month."""

    reference: str
    brand: str
    last_four: str
    expires_on: date | None


class ChargeState(StrEnum):
    """The states of a charge. `PROCESSING` and `REQUIRES_ACTION` are not final."""

    SUCCEEDED = "SUCCEEDED"
    DECLINED = "DECLINED"
    EXPIRED_METHOD = "EXPIRED_METHOD"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PROCESSING = "PROCESSING"
    CANCELLED = "CANCELLED"


class Action(NamedTuple):
    """The data with which the owner of the card confirms a charge in the app."""

    url: str | None
    client_secret: str | None


class ProviderCharge(NamedTuple):
    """A charge at the provider. The reference is empty if the provider did not create one."""

    reference: str
    state: ChargeState
    amount: int
    currency: str
    action: Action | None = None


class RefundState(StrEnum):
    """The states of a refund. `PROCESSING` is not final."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    PROCESSING = "PROCESSING"


class ProviderRefund(NamedTuple):
    """A refund at the provider. The reference is empty if the provider did not create one."""

    reference: str
    state: RefundState
    amount: int
    currency: str


class PaymentKey(NamedTuple):
    """The key of one of our payments."""

    owner_id: int
    id: int


class ChargeRequest(NamedTuple):
    """A charge of a stored card. `created_at` is the time at which the payment was written."""

    payment: PaymentKey
    method: str
    amount: int
    currency: str
    created_at: datetime


class RefundRequest(NamedTuple):
    """A refund of a charge. `payment` is the REFUND payment, not the refunded one."""

    payment: PaymentKey
    charge: str
    amount: int
    currency: str
    created_at: datetime


class WebhookKind(StrEnum):
    """The subjects of the provider's events."""

    CHARGE_CHANGED = "CHARGE_CHANGED"
    REFUND_CHANGED = "REFUND_CHANGED"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_REVERSED = "CHARGEBACK_REVERSED"
    OTHER = "OTHER"


class WebhookEvent(NamedTuple):
    """A verified event. `charge` is the provider's reference of the charge; `amount` is positive.

    `payment` is the payment that the provider stored with the charge or the refund; it is None for chargebacks of
    charges whose payment the event does not name. `dispute` is the provider's id of the dispute of a chargeback or its
    reversal, whose amount is what was moved by it: a dispute that is won in part returns a part.
    """

    id: str
    kind: WebhookKind
    payment: PaymentKey | None
    charge: str | None
    amount: int
    currency: str
    dispute: str | None = None


class LineKind(StrEnum):
    """The kinds of movements of money. REFUND and CHARGEBACK move it away from us, the others to us.

    REFUND_RETURNED is the money of a refund that failed after it had left.
    """

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    REFUND_RETURNED = "REFUND_RETURNED"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_REVERSED = "CHARGEBACK_REVERSED"


class StatementLine(NamedTuple):
    """Money that moved at the provider. `reference` is the charge, the refund or the dispute; `amount` is positive."""

    kind: LineKind
    reference: str
    payment: PaymentKey | None
    charge: str | None
    amount: int
    currency: str
    at: datetime
    dispute: str | None = None
    """The provider's id of the dispute of a chargeback or of its reversal."""


class PaymentProvider(ABC):
    """Holds cards, charges them and refunds charges. All coroutines may raise `ProviderUnavailable`."""

    name: str
    """`sandbox` or `stripe`: also the end of the path of its webhook."""

    @property
    def is_available(self) -> bool:
        """Whether a call that begins now would be made. If not, it is better to begin no payment."""
        return True

    def check_available(self) -> None:
        """Raises `ProviderUnavailable` unless a call that begins now would be made."""
        if not self.is_available:
            raise ProviderUnavailable("calls are not made at present")

    @abstractmethod
    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        """Stores the card of a token for a user. The same key gives the same card.

        Raises `CardRejected` and `InvalidToken`.
        """

    @abstractmethod
    async def remove_card(self, reference: str) -> None:
        """Makes a card unusable. A card that does not exist is no error."""

    @abstractmethod
    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        """Charges a card, once per payment: a repeated request returns the same charge as it is now."""

    @abstractmethod
    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        """Returns the charge of a payment as it is now, by its reference if that is known. None: there is none.

        Raises `ForeignReference` if the reference names another charge.
        """

    @abstractmethod
    async def cancel_charge(self, reference: str) -> ProviderCharge:
        """Cancels a charge that is not final, and returns what it is then: it may have succeeded meanwhile."""

    @abstractmethod
    async def refund(self, request: RefundRequest) -> ProviderRefund:
        """Refunds a part of a charge, once per payment. More than the charge has left is FAILED."""

    @abstractmethod
    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        """Returns the refund of a payment as it is now, by its reference if that is known. None: there is none.

        Raises `ForeignReference` if the reference names another refund.
        """

    @abstractmethod
    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        """Returns the event of a signed webhook. Raises `InvalidWebhook`."""

    @abstractmethod
    def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        """Yields all money that moved from `since` (included) to `until` (excluded)."""

    async def close(self) -> None:  # noqa: B027 - providers may have nothing to close
        """Closes connections and files."""
