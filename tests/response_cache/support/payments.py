"""The payments that the campaign has written.

Their kinds and amounts say which ones they are: a transfer has 10,000 times its number in minor units, and a
top-up 300,007 times. A part that is refunded first has the number, so that what is left has another amount too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import Literal

from tests.response_cache.support.registers import Register

Kind = Literal["TOP_UP", "TRANSFER", "REFUND"]
KINDS: tuple[Kind, ...] = ("TOP_UP", "TRANSFER", "REFUND")

SUCCEEDED, PARTIALLY_REFUNDED, REFUNDED, FAILED = 1, 2, 3, 4
"""Values of the register of a payment. A PENDING one is not different from one that does not exist yet."""

STATES = {
    "PENDING": 0,
    "SUCCEEDED": SUCCEEDED,
    "PARTIALLY_REFUNDED": PARTIALLY_REFUNDED,
    "REFUNDED": REFUNDED,
    "FAILED": FAILED,
}
_FACTORS = {"TRANSFER": 10_000, "TOP_UP": 300_007}


def amount_of(kind: Kind, number: int) -> int:
    return _FACTORS[kind] * number


@dataclass(slots=True, eq=False)
class Payment:
    """A payment: money of `payer` to `payee`. The payer of a top-up and the payee of its refund are cards: None.

    `created_after` and `created_before` are the times between which its entries were written. `refunded` is the amount
    of a partial refund. `row_id` is 0 until a response has contained the id.
    """

    number: int
    kind: Kind
    amount: int
    payer: str | None
    payee: str | None
    created_after: float
    created_before: float = inf
    refunded: int = 0
    register: Register = field(default_factory=Register)
    row_id: int = 0
    id: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.amount} of {self.payer} to {self.payee}"

    @property
    def parties(self) -> set[str]:
        return {handle for handle in (self.payer, self.payee) if handle is not None}

    def other(self, handle: str) -> str | None:
        """Returns the other party."""
        return self.payee if handle == self.payer else self.payer

    def change(self, handle: str) -> int:
        """Returns what the payment adds to the wallet of a party."""
        return -self.amount if handle == self.payer else self.amount

    def was_created(self, now: float) -> None:
        self.created_before = min(self.created_before, now)


class Payments:
    """Holds all payments, by party, by id and by what identifies them without an id."""

    def __init__(self) -> None:
        self._numbers = 1
        self._by_amount: dict[tuple[str, int], Payment] = {}
        self._by_id: dict[str, Payment] = {}
        self._of: dict[str, list[Payment]] = {}

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def add(self, payment: Payment) -> Payment:
        """Returns the payment that was added first: a refund that was refused may be sent again."""
        found = self._by_amount.setdefault((payment.kind, payment.amount), payment)
        assert (found.number, found.parties) == (payment.number, payment.parties), (found.name, payment.name)
        if found is payment:
            for handle in payment.parties:
                self._of.setdefault(handle, []).append(payment)
        return found

    def of(self, handle: str) -> list[Payment]:
        """Returns the payments of a party, the oldest request first."""
        return self._of.get(handle, [])

    def bind(self, payment: Payment, text: str, row_id: int) -> bool:
        """Notes the id of a payment. Returns whether it has no other id."""
        if payment.id:
            return payment.id == text
        payment.id, payment.row_id = text, row_id
        self._by_id[text] = payment
        return True

    def of_id(self, text: str) -> Payment | None:
        return self._by_id.get(text)

    def find(self, text: str, amount: int | None, kinds: Iterable[str] = KINDS) -> Payment | None:
        """Returns a payment by its id, or by its kind and amount if no response has contained its id."""
        if text in self._by_id:
            return self._by_id[text]
        found = [self._by_amount.get((kind, amount or 0)) for kind in kinds]
        return next((payment for payment in found if payment is not None and not payment.id), None)
