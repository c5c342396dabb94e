"""A person who moves money at random."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from core.global_ids import global_id, read_global_id
from tests.payments.support.book import SUCCESS, Acknowledged, Answer, Book, Row
from tests.payments.support.checker import transfers_between
from tests.payments.support.connection import Connection, Result

CURRENCY = "EUR"
TOKENS = ("tok_visa", "tok_mastercard", "tok_charge_declined", "tok_confirm", "tok_slow_refund")
"""The cards of each person."""

_WEIGHTS = {"top_up": 5, "transfer": 8, "refund_transfer": 2, "refund_top_up": 2}
_CARDS = (6, 3, 1, 2, 3)
_TWICE = 0.05
"""The share of requests that are sent twice at the same time, and of those that are sent again afterwards."""
_CONFIRMED = 0.8
_WHOLE = 0.3
_PAUSE = 0.05
_REJECTIONS = {"INSUFFICIENT_FUNDS", "REFUND_EXCEEDS_PAYMENT"}

Confirm = Callable[[str], Awaitable[bool]]
"""Confirms a charge at the provider, as the owner of the card does. Returns whether the provider answered."""


class Person(NamedTuple):
    """Holds the id of a user and the cards, in the order of `TOKENS`."""

    user_id: int
    cards: Sequence[str]


class Opened(NamedTuple):
    """A person and the person's connection."""

    person: Person
    connection: Connection


class Request(NamedTuple):
    """A mutation with what its answer is compared with."""

    operation: str
    sent: dict[str, object]
    asked: int | None
    original: Row | None = None
    recipient_id: int | None = None


class Customer:
    """Sends one request at a time, sometimes twice, and notes the answers in the book."""

    def __init__(self, opened: Opened, people: Sequence[int], chance: Random, book: Book, confirm: Confirm) -> None:
        self._person, self._connection = opened
        self._others = [user_id for user_id in people if user_id != self._person.user_id]
        self._chance = chance
        self._book = book
        self._confirm = confirm
        self._number = 0

    async def run(self, stopped: asyncio.Event) -> None:
        """Moves money until it is stopped; then the last request has its final response."""
        while not stopped.is_set():
            (name,) = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
            request = getattr(self, f"_{name}")()
            if request is not None:
                await self._send(request)
            await asyncio.sleep(self._chance.random() * _PAUSE)

    def _money(self, amount: int) -> dict[str, object]:
        return {"minorUnits": str(amount), "currency": CURRENCY}

    def _top_up(self) -> Request:
        amount = self._chance.randint(500, 50_000)
        (card,) = self._chance.choices(self._person.cards, _CARDS)
        return Request("TopUpWallet", {"amount": self._money(amount), "paymentMethodId": card}, amount)

    def _transfer(self) -> Request:
        amount, other = self._chance.randint(1, 9_000), self._chance.choice(self._others)
        sent: dict[str, object] = {
            "recipientId": global_id("User", other, other),
            "amount": self._money(amount),
            "note": "a note",
        }
        return Request("SendPayment", sent, amount, recipient_id=other)

    def _refund_transfer(self) -> Request | None:
        received = transfers_between(self._book.answers, self._person.user_id)
        return self._refund(self._chance.choice(received)) if received else None

    def _refund_top_up(self) -> Request | None:
        own = [
            answer
            for answer in self._book.succeeded("TopUpWallet")
            if answer.person_id == self._person.user_id
            and answer.acknowledged
            and answer.acknowledged.status == "SUCCEEDED"
        ]
        return self._refund(self._chance.choice(own)) if own else None

    def _refund(self, answer: Answer) -> Request:
        assert answer.acknowledged is not None
        original, amount = answer.acknowledged.payment, answer.acknowledged.amount
        sent: dict[str, object] = {"paymentId": global_id("Payment", *original)}
        if answer.operation == "SendPayment" and self._chance.random() < _WHOLE:
            return Request("RefundPayment", sent, None, original)
        part = self._chance.randint(1, amount)
        return Request("RefundPayment", {**sent, "amount": self._money(part)}, part, original)

    async def _send(self, request: Request) -> None:
        self._number += 1
        key = f"{self._person.user_id}-{self._number}"
        sent = {**request.sent, "idempotencyKey": key}
        until_final = self._connection.until_final
        if self._chance.random() < _TWICE:
            self._book.concurrent += 1
            answers = await asyncio.gather(*(until_final(request.operation, sent) for _ in range(2)))
        else:
            answers = [await until_final(request.operation, sent)]
        if self._chance.random() < _TWICE:
            answers.append(await until_final(request.operation, sent))
        self._note(request, key, answers)
        await self._confirm_charge(answers[0])

    def _note(self, request: Request, key: str, answers: Sequence[Result]) -> None:
        noted = [self._answer(request, key, answer) for answer in answers]
        # Without a payment, a repeated request is a new one: it may find more money than the first.
        kept = next((answer for answer in noted if answer.created_payment), noted[0])
        self._book.add(kept)
        payments = {answer.acknowledged.payment for answer in noted if answer.acknowledged}
        if len(payments) > 1:
            self._book.wrong.append(f"{request} {key}: acknowledged as {payments}")
        self._book.replayed += sum(bool(answer.get("replayed")) for answer in answers)

    def _answer(self, request: Request, key: str, result: Result) -> Answer:
        about = (request.asked, None, request.original, request.recipient_id)
        if "code" in result:
            expected = {"PAYMENT_DECLINED", *_REJECTIONS}
            if result["code"] not in expected:
                self._book.wrong.append(f"{request} {key}: {result}")
            return Answer(self._person.user_id, request.operation, key, result["code"], *about)
        shown = result["refund" if request.operation == "RefundPayment" else "payment"]
        payment = read_global_id(shown["id"], "id")
        amount = shown["amount"]
        told = Acknowledged(
            Row(payment.owner_id, payment.id), int(amount["minorUnits"]), amount["currency"], shown["status"]
        )
        return Answer(self._person.user_id, request.operation, key, SUCCESS, about[0], told, *about[2:])

    async def _confirm_charge(self, result: Result) -> None:
        payment: dict[str, Any] = result.get("payment") or {}
        confirmation = payment.get("confirmation")
        if confirmation and confirmation["url"] and self._chance.random() < _CONFIRMED:
            self._book.confirmed += await self._confirm(confirmation["url"])
