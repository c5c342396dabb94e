"""The acts of one account with money: cards, top-ups, transfers and refunds."""

from random import Random
from time import perf_counter
from typing import Any

from tests.response_cache.support.history import History, User
from tests.response_cache.support.payments import (
    FAILED,
    PARTIALLY_REFUNDED,
    REFUNDED,
    SUCCEEDED,
    Kind,
    Payment,
    amount_of,
)
from tests.response_cache.support.people import People, skewed
from tests.response_cache.support.reading import Session
from tests.response_cache.support.registers import GONE, Register
from tests.response_cache.support.writing import Effect, Mutations

_ACCEPTED, _DECLINED = "4242", "0341"
_TOKENS = {_ACCEPTED: "tok_visa", "4444": "tok_mastercard", _DECLINED: "tok_charge_declined"}
"""The last four digits of the sandbox's cards, and their tokens."""

_PART = 0.6
"""The share of refunds that begin with a part of the payment."""


class PaymentActs:
    """Moves money as one account. Each act is a mutation at most."""

    def __init__(self, session: Session, mutations: Mutations, people: People, chance: Random) -> None:
        self._session = session
        self._mutations = mutations
        self._people = people
        self._random = chance
        self._cards: dict[str, str] = {}
        """The ids of the cards that were added, by their last four digits."""
        self._repeatable = set[str]()
        """The cards that were added after the last removal. If they are added again, nothing changes."""
        self._uncertain = set[str]()
        """The cards of which it is not known whether they are there. They are not added any more."""
        self._closed: set[Payment] = set()
        """The payments of which nothing is left, or perhaps nothing."""

    @property
    def _history(self) -> History:
        return self._people.history

    @property
    def me(self) -> User:
        return self._history.users[self._session.handle]

    async def open_wallet(self) -> None:
        """Adds a card that is never declined, and charges it."""
        await self._add_card(_ACCEPTED)
        await self.top_up()

    async def add_card(self) -> None:
        """Adds a card, or one that was added already, which changes nothing.

        After a removal, a token of the sandbox stands for a new card. Two cards with the same digits are never there,
        because responses would not tell which of them they contain.
        """
        possible = [card for card in _TOKENS if card not in self._cards or card in self._repeatable]
        possible = [card for card in possible if card not in self._uncertain]
        if possible:
            await self._add_card(self._random.choice(possible))

    async def _add_card(self, last_four: str) -> None:
        register = self.me.cards.setdefault(last_four, Register())
        sent = {"providerToken": _TOKENS[last_four], "makeDefault": self._random.random() < 1 / 2}
        result = await self._mutations.send("AddPaymentMethod", sent, self._session, [Effect(register, 1)])
        if result is not None:
            self._cards[last_four] = result["paymentMethod"]["id"]
            self._repeatable.add(last_four)
        elif not self._mutations.was_refused:
            self._uncertain.add(last_four)

    async def remove_card(self) -> None:
        if self._cards:
            last_four = self._random.choice(list(self._cards))
            sent = {"paymentMethodId": self._cards.pop(last_four)}
            effect = Effect(self.me.cards[last_four], GONE)
            self._repeatable.clear()
            if await self._mutations.send("RemovePaymentMethod", sent, self._session, [effect]) is None:
                self._uncertain.add(last_four)

    async def top_up(self) -> None:
        if not self._cards:
            await self.add_card()
            return
        last_four = self._random.choice(list(self._cards))
        payment = self._begin("TOP_UP", None, self.me.handle)
        sent = {"paymentMethodId": self._cards[last_four], **self._request(payment)}
        if last_four != _DECLINED:
            await self._send("TopUpWallet", sent, payment, [Effect(payment.register, SUCCEEDED)])
        else:
            effects = [Effect(payment.register, FAILED)]
            await self._mutations.send("TopUpWallet", sent, self._session, effects, expected="PaymentDeclinedProblem")

    async def pay(self) -> None:
        """Sends money to another user."""
        other = self._people.other(self._random, self.me.handle)
        payment = self._begin("TRANSFER", self.me.handle, other.handle)
        sent = {"recipientId": other.id, "note": payment.name, **self._request(payment)}
        await self._send("SendPayment", sent, payment, [Effect(payment.register, SUCCEEDED)])

    async def refund(self) -> None:
        """Returns a part of a payment, or everything that is left of it."""
        found = [payment for payment in self._history.payments.of(self.me.handle) if self._is_refundable(payment)]
        if not found:
            return
        original = skewed(found[::-1], self._random)
        is_part = not original.refunded and self._random.random() < _PART
        amount = original.number if is_part else original.amount - original.refunded
        refund = self._history.payments.add(
            Payment(original.number, "REFUND", amount, self.me.handle, original.payer, perf_counter())
        )
        if is_part:
            original.refunded = amount
        else:
            self._closed.add(original)
        state = PARTIALLY_REFUNDED if is_part else REFUNDED
        sent: dict[str, Any] = {"paymentId": original.id, "idempotencyKey": f"{self.me.handle} {amount}"}
        if is_part:
            sent |= {"amount": _money(amount)}
        effects = [Effect(refund.register, SUCCEEDED), Effect(original.register, state)]
        if await self._send("RefundPayment", sent, refund, effects) is None:
            self._closed.add(original)

    def _is_refundable(self, payment: Payment) -> bool:
        is_received = payment.payee == self.me.handle and payment.kind != "REFUND"
        now = perf_counter()
        states = {write.value for write in payment.register.candidates(now, now)}
        is_known = bool(payment.id) and states <= {SUCCEEDED, PARTIALLY_REFUNDED}
        return is_received and is_known and payment not in self._closed

    def _begin(self, kind: Kind, payer: str | None, payee: str) -> Payment:
        number = self._history.payments.next_number()
        payment = Payment(number, kind, amount_of(kind, number), payer, payee, perf_counter())
        return self._history.payments.add(payment)

    @staticmethod
    def _request(payment: Payment) -> dict[str, Any]:
        return {"amount": _money(payment.amount), "idempotencyKey": payment.name}

    async def _send(
        self, name: str, sent: dict[str, Any], payment: Payment, effects: list[Effect]
    ) -> dict[str, Any] | None:
        result = await self._mutations.send(name, sent, self._session, effects)
        if result is not None:
            shown = result["refund" if payment.kind == "REFUND" else "payment"]
            self._history.payments.bind(payment, shown["id"], self._history.parts(shown["id"]).id)
            if shown["status"] != "PENDING":
                payment.was_created(perf_counter())
        return result


def _money(amount: int) -> dict[str, str]:
    return {"minorUnits": str(amount), "currency": "EUR"}
