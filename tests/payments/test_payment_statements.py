"""Tests the number of statements of each payment operation of apps, at first and when it is repeated."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from core.global_ids import global_id
from tests.support.client import Client
from tests.support.feed import field_of
from tests.support.payments import document, money, newcomer, pay, sent_by, user


class Write(NamedTuple):
    """Describes a mutation that ana sends repeatedly. `BEN` and the like are placeholders for ids."""

    name: str
    sent: dict[str, Any]
    statements: tuple[int, ...]
    typename: str
    before: Mapping[str, dict[str, Any]] = {}
    """Mutations of ana's that come first and are not counted."""


KEY = {"idempotencyKey": "a-key"}
SEND = {"recipientId": "BEN", "amount": money(100), **KEY}
TOP_UP = {"paymentMethodId": "CARD", "amount": money(100), **KEY}

WRITES = [
    # The key, both accounts, both wallets, the sum of the day, entries, payment, parties, the payment as read, the log;
    # then the key, what it made, the payment and the wallet as they are read.
    Write("SendPayment", SEND, (9, 4, 4), "SendPaymentSuccess"),
    # A wallet is opened as well.
    Write("SendPayment", SEND | {"recipientId": "NEWCOMER"}, (10, 4), "SendPaymentSuccess"),
    Write("SendPayment", SEND | {"amount": money(0)}, (0, 0), "InvalidInputProblem"),
    Write("SendPayment", SEND | {"recipientId": "ANA"}, (0, 0), "InvalidInputProblem"),
    # The key and the accounts.
    Write("SendPayment", SEND | {"recipientId": "UNKNOWN"}, (2, 2), "NotFoundProblem"),
    # The wallets as well.
    Write("SendPayment", SEND | {"amount": money(100, "USD")}, (3, 3), "InvalidInputProblem"),
    # The key, and what it made.
    Write("SendPayment", SEND | {"amount": money(99)}, (2, 2), "IdempotencyProblem", {"SendPayment": SEND}),
    # The payment, the key, both accounts, the payment is locked, both wallets, entries, refund, parties, the refunded
    # amount, both payments as read, the log; then the payment, the key, what it made, both payments.
    Write("RefundPayment", {"paymentId": "RECEIVED", "amount": money(10), **KEY}, (11, 4, 4), "RefundPaymentSuccess"),
    Write("RefundPayment", {"paymentId": "RECEIVED", "amount": money(0), **KEY}, (0, 0), "InvalidInputProblem"),
    Write("RefundPayment", {"paymentId": "SENT", **KEY}, (1, 1), "ForbiddenProblem"),
    Write(
        "RefundPayment", {"paymentId": "RECEIVED", "amount": money(101), **KEY}, (4, 4), "RefundExceedsPaymentProblem"
    ),
    # Before the call 11: the key, the account, the card, the wallet three times, the payment with its parties, entries
    # and place among those that wait, and the log; then it is settled, and read with the wallet.
    Write("TopUpWallet", TOP_UP, (21, 5, 5), "TopUpWalletSuccess"),
    Write("RefundPayment", {"paymentId": "TOP_UP", "amount": money(10), **KEY}, (21, 5, 5), "RefundPaymentSuccess"),
    # The newest removed card, the user, the card by its reference and as it is read, the number of cards, the card, the
    # log; then it is found by its reference.
    Write("AddPaymentMethod", {"providerToken": "tok_visa"}, (7, 3, 3), "AddPaymentMethodSuccess"),
    # The user, the card, its removal, the next default, the log; then the removal changes nothing.
    Write("RemovePaymentMethod", {"paymentMethodId": "CARD"}, (5, 3, 3), "RemovePaymentMethodSuccess"),
]


async def ids(client: Client) -> dict[str, str]:
    ana, nowhere = await client.user_id("ana"), 1
    return {
        "ANA": await user(client, "ana"),
        "BEN": await user(client, "ben"),
        "NEWCOMER": await user(client, await newcomer(client)),
        "UNKNOWN": global_id("User", nowhere, nowhere),
        "RECEIVED": await sent_by(client, "ben", "ana", 100),
        "SENT": await sent_by(client, "ana", "ben", 100),
        "CARD": (card := global_id("PaymentMethod", ana, ana)),
        "TOP_UP": (await pay(client, "TopUpWallet", "ana", amount=money(100), paymentMethodId=card))["payment"]["id"],
    }


@pytest.mark.parametrize("write", WRITES, ids=[f"{write.name}-{number}" for number, write in enumerate(WRITES)])
async def test_a_mutation_takes_the_same_statements_on_every_engine(
    client: Client, statements: list[str], write: Write
) -> None:
    known = await ids(client)

    def filled(sent: dict[str, Any]) -> dict[str, Any]:
        return {name: known.get(value, value) if isinstance(value, str) else value for name, value in sent.items()}

    for name, sent in write.before.items():
        await pay(client, name, "ana", **filled(sent))
    token = await client.token("ana")
    taken: list[int] = []
    for _ in write.statements:
        statements.clear()
        answer = (await client.post(document(write.name), {"input": filled(write.sent)}, token=token)).json()
        assert answer["data"][field_of(write.name)]["__typename"] == write.typename, answer
        taken.append(len(statements))
    assert tuple(taken) == write.statements, "\n".join(statements)


@pytest.mark.parametrize(
    ("name", "variables", "expected"), [("WalletScreen", {}, 4), ("PaymentScreen", {"id": "RECEIVED"}, 1)]
)
async def test_a_screen_takes_the_same_statements_on_every_engine(
    client: Client, statements: list[str], name: str, variables: dict[str, str], expected: int
) -> None:
    known, token = await ids(client), await client.token("ana")
    statements.clear()
    sent = {variable: known[value] for variable, value in variables.items()}
    answer = (await client.post(document(name), sent, token=token)).json()
    assert "errors" not in answer
    assert len(statements) == expected, "\n".join(statements)
