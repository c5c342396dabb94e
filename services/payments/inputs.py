"""The inputs of the payment mutations, as services receive them: ids are parsed, nothing else is checked."""

from dataclasses import dataclass, field
from typing import NamedTuple

from core.global_ids import GlobalId

MAX_NOTE_LENGTH = 280


class Amount(NamedTuple):
    """An amount of money in minor units of a currency, which is named by its ISO 4217 code."""

    minor_units: int
    currency: str


@dataclass(frozen=True, slots=True)
class AddPaymentMethod:
    """The input of `addPaymentMethod`: a token with which the payment provider identifies the card."""

    provider_token: str = field(repr=False)
    make_default: bool = False


@dataclass(frozen=True, slots=True)
class TopUp:
    """The input of `topUpWallet`. It has one effect per `idempotency_key`."""

    amount: Amount
    method: GlobalId
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class SendPayment:
    """The input of `sendPayment`. It has one effect per `idempotency_key`."""

    recipient: GlobalId
    amount: Amount
    note: str | None
    idempotency_key: str
    password: str | None = field(default=None, repr=False)
    """Required above the amount of `step_up_amount`."""


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """The input of `refundPayment`. It has one effect per `idempotency_key`."""

    original: GlobalId
    amount: Amount | None
    """None for everything that is left of the payment."""
    idempotency_key: str
