"""The tokens of the sandbox, and what charges of their cards become."""

import re
from datetime import date
from typing import NamedTuple

from adapters.payments.base import Card, ChargeState, RefundState


class Behaviour(NamedTuple):
    """The card of a token, and the state that its charges and refunds begin with."""

    brand: str
    last_four: str
    expires_on: date | None = date(2039, 12, 31)
    charges: ChargeState = ChargeState.SUCCEEDED
    refunds: RefundState = RefundState.SUCCEEDED

    def card(self, reference: str) -> Card:
        return Card(reference, self.brand, self.last_four, self.expires_on)


REJECTED_TOKEN = "tok_rejected"  # noqa: S105 - public
_SEEDED = re.compile(r"pm_seed_\d{1,19}")
_VISA = Behaviour("visa", "4242")

BEHAVIOURS = {
    "tok_visa": _VISA,
    "tok_mastercard": Behaviour("mastercard", "4444"),
    "tok_amex": Behaviour("amex", "0005"),
    "tok_charge_declined": Behaviour("visa", "0341", charges=ChargeState.DECLINED),
    "tok_expired": Behaviour("visa", "0069", date(2020, 1, 31), charges=ChargeState.EXPIRED_METHOD),
    "tok_confirm": Behaviour("visa", "3220", charges=ChargeState.REQUIRES_ACTION),
    "tok_slow_refund": Behaviour("visa", "7726", refunds=RefundState.PROCESSING),
}
"""The behaviour of the card of each token."""


def seeded_card(reference: str) -> Behaviour | None:
    """Returns the visa card of a reference that the seed made up."""
    return _VISA if _SEEDED.fullmatch(reference) else None
