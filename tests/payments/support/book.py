"""The book of the clients: each request to move money, with the final response."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

KINDS = {"TopUpWallet": "TOP_UP", "SendPayment": "TRANSFER", "RefundPayment": "REFUND"}
"""The kind of the payment that each mutation creates."""

SUCCESS, DECLINED = "SUCCESS", "PAYMENT_DECLINED"


class Row(NamedTuple):
    """Holds an owner and an id."""

    owner_id: int
    id: int


class Acknowledged(NamedTuple):
    """A payment as a response shows it. For a refund it is the refund."""

    payment: Row
    amount: int
    currency: str
    status: str


class Answer(NamedTuple):
    """The final response to a key: `code` is SUCCESS or that of the problem.

    `asked` is the amount that was sent, or None if the whole rest is refunded. A refund has the `original`, a transfer
    the `recipient_id`.
    """

    person_id: int
    operation: str
    key: str
    code: str
    asked: int | None
    acknowledged: Acknowledged | None = None
    original: Row | None = None
    recipient_id: int | None = None

    @property
    def created_payment(self) -> bool:
        """Whether a payment must exist. A declined top-up is kept as a failed payment."""
        return self.code in (SUCCESS, DECLINED)


@dataclass
class Book:
    """Holds what all clients know. `wrong` lists responses that no failure explains."""

    answers: list[Answer] = field(default_factory=list[Answer])
    repeated: Counter[str] = field(default_factory=Counter[str])
    """Requests that were sent again, by the reason."""
    concurrent: int = 0
    replayed: int = 0
    confirmed: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def add(self, answer: Answer) -> None:
        self.answers.append(answer)

    @property
    def acknowledged(self) -> int:
        return sum(answer.code == SUCCESS for answer in self.answers)

    @property
    def outcomes(self) -> Counter[str]:
        """The numbers of final responses by mutation and code."""
        return Counter(f"{answer.operation} {answer.code}" for answer in self.answers)

    def succeeded(self, operation: str) -> list[Answer]:
        return [answer for answer in self.answers if answer.operation == operation and answer.code == SUCCESS]
