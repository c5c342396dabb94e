from typing import Any, NamedTuple

import pytest

from core.global_ids import global_id
from events import PaymentRefunded, PaymentSucceeded
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.payments import (
    available,
    balance,
    books_are_right,
    document,
    entries_of,
    key_of,
    money,
    newcomer,
    pay,
    payments_of,
    refund,
    sent_by,
    total,
    user,
)
from tests.support.world import block


async def test_the_recipient_returns_a_part_and_then_the_rest(client: Client) -> None:
    anas, bens, all_money = (
        await available(client, "ana"),
        await available(client, "ben"),
        await total(client.resources),
    )
    payment_id = await sent_by(client, "ana", "ben", 1000, note="Dinner")
    answer = await refund(client, "ben", payment_id, 300)
    assert answer == {
        "__typename": "RefundPaymentSuccess",
        "payment": {
            "id": payment_id,
            "kind": "TRANSFER",
            "status": "PARTIALLY_REFUNDED",
            "direction": "IN",
            "amount": money(1000),
            "refundedAmount": money(300),
            "note": "Dinner",
            "failureCode": None,
            "createdAt": answer["payment"]["createdAt"],
            "updatedAt": answer["payment"]["updatedAt"],
            "counterparty": {"id": await user(client, "ana"), "handle": "ana", "name": "Ana Lima"},
        },
        "refund": {"id": answer["refund"]["id"], "amount": money(300), "status": "SUCCEEDED"},
        "replayed": False,
    }
    assert answer["payment"]["updatedAt"] > answer["payment"]["createdAt"]
    assert (await balance(client, "ana"), await balance(client, "ben")) == (
        (anas - 700, 0, "EUR"),
        (bens + 700, 0, "EUR"),
    )
    rest = await refund(client, "ben", payment_id)
    assert (rest["payment"]["status"], rest["payment"]["refundedAmount"]) == ("REFUNDED", money(1000))
    assert rest["refund"]["amount"] == money(700)
    assert (await balance(client, "ana"), await balance(client, "ben")) == ((anas, 0, "EUR"), (bens, 0, "EUR"))
    assert await total(client.resources) == all_money
    await books_are_right(client.resources)


async def test_both_see_the_refund_as_a_payment_of_its_own(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    before = {handle: await available(client, handle) for handle in ("ana", "ben")}
    refund_id = (await refund(client, "ben", payment_id, 300))["refund"]["id"]
    ben_id = await client.user_id("ben")
    assert key_of(refund_id)[0] == ben_id
    for handle, direction, other in (("ana", "IN", "ben"), ("ben", "OUT", "ana")):
        refunded, original = (await payments_of(client, handle))[:2]
        assert refunded == {
            "id": refund_id,
            "kind": "REFUND",
            "status": "SUCCEEDED",
            "direction": direction,
            "amount": money(300),
            "refundedAmount": {"minorUnits": "0"},
            "note": None,
            "counterparty": {"handle": other},
        }
        assert (original["id"], original["status"]) == (payment_id, "PARTIALLY_REFUNDED")
        change = 300 if direction == "IN" else -300
        assert (await entries_of(client, handle))[0] == (change, before[handle] + change, refund_id)


async def test_a_refund_tells_of_itself_and_of_the_payment(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    refund_id = (await refund(client, "ben", payment_id, 300, idempotencyKey="a-key"))["refund"]["id"]
    await refund(client, "ben", payment_id, 300, idempotencyKey="a-key")
    ana_id, ben_id = await client.user_id("ana"), await client.user_id("ben")
    assert (await events_of(client.resources))[1:] == [
        PaymentSucceeded(actor_id=ben_id, payment_owner_id=ben_id, payment_id=key_of(refund_id)[1], party_id=ana_id),
        PaymentRefunded(
            actor_id=ben_id,
            payment_owner_id=ana_id,
            payment_id=key_of(payment_id)[1],
            party_id=ben_id,
            refund_owner_id=ben_id,
            refund_id=key_of(refund_id)[1],
        ),
    ]


async def test_a_repeated_refund_returns_the_payment_as_it_is_now(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    first = await refund(client, "ben", payment_id, 300, idempotencyKey="a-key")
    before = await snapshot(client.resources)
    assert await refund(client, "ben", payment_id, 300, idempotencyKey="a-key") == {**first, "replayed": True}
    assert await snapshot(client.resources) == before
    await refund(client, "ben", payment_id)
    again = await refund(client, "ben", payment_id, 300, idempotencyKey="a-key")
    assert (again["replayed"], again["refund"]) == (True, first["refund"])
    assert (again["payment"]["status"], again["payment"]["refundedAmount"]) == ("REFUNDED", money(1000))


async def test_a_block_does_not_prevent_a_refund(client: Client) -> None:
    payment_id, anas = await sent_by(client, "ana", "ben", 1000), await available(client, "ana")
    await block(client.resources, await client.user_id("ana"), await client.user_id("ben"))
    answer = await refund(client, "ben", payment_id)
    assert (answer["payment"]["status"], answer["payment"]["counterparty"]) == ("REFUNDED", None)
    assert await available(client, "ana") == anas + 1000


class Rejected(NamedTuple):
    """A refund of a transfer of 1000 from ana to ben, of which 300 were refunded, and its problem."""

    by: str
    sent: dict[str, Any]
    problem: tuple[str, str, str, str]


EXCEEDS = ("RefundExceedsPaymentProblem", "REFUND_EXCEEDS_PAYMENT")
AT_MOST = "At most EUR 7.00 of this payment can still be refunded."
ZERO = ("InvalidInputProblem", "INVALID_INPUT", "amount.minorUnits", "Send an amount greater than zero.")
UNKNOWN = ("NotFoundProblem", "NOT_FOUND", "paymentId", "The payment does not exist.")
NO_KEY = ("InvalidInputProblem", "INVALID_INPUT", "idempotencyKey", "Send a key of 1 to 100 characters, like a UUID.")
REJECTED = [
    Rejected("ben", {"amount": money(701)}, (*EXCEEDS, "amount", AT_MOST)),
    Rejected("ben", {"amount": money(2**63 - 1)}, (*EXCEEDS, "amount", AT_MOST)),
    Rejected("ben", {"amount": money(0)}, ZERO),
    Rejected("ben", {"amount": money(-300)}, ZERO),
    Rejected(
        "ben",
        {"amount": money(100, "USD")},
        ("InvalidInputProblem", "CURRENCY_MISMATCH", "amount.currency", "The payment is in EUR."),
    ),
    Rejected("ben", {"idempotencyKey": ""}, NO_KEY),
    Rejected("ben", {"paymentId": global_id("Payment", 1, 2)}, UNKNOWN),
    Rejected("dia", {}, UNKNOWN),
    Rejected("dia", {"amount": money(1)}, UNKNOWN),
    Rejected(
        "ana",
        {},
        ("ForbiddenProblem", "FORBIDDEN", "paymentId", "Only the recipient of this payment can refund it."),
    ),
    Rejected(
        "ben",
        {"paymentId": "REFUND"},
        ("ForbiddenProblem", "FORBIDDEN", "paymentId", "A refund cannot be refunded."),
    ),
    Rejected(
        "ana",
        {"paymentId": "REFUND"},
        ("ForbiddenProblem", "FORBIDDEN", "paymentId", "A refund cannot be refunded."),
    ),
]


def as_problem(problem: tuple[str, str, str, str]) -> dict[str, Any]:
    typename, code, field, message = problem
    return {"__typename": typename, "code": code, "message": message, "field": f"input.{field}"}


async def rejected(client: Client, as_: str, problem: tuple[str, str, str, str], **sent: Any) -> None:
    before = await snapshot(client.resources)
    for _ in range(2):
        answer = await pay(client, "RefundPayment", as_, **{"idempotencyKey": "a-key"} | sent)
        assert answer == as_problem(problem)
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("case", REJECTED)
async def test_an_invalid_refund_changes_nothing_and_leaves_its_key_unused(client: Client, case: Rejected) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    refund_id = (await refund(client, "ben", payment_id, 300))["refund"]["id"]
    sent = {"paymentId": payment_id} | case.sent
    sent["paymentId"] = refund_id if sent["paymentId"] == "REFUND" else sent["paymentId"]
    await rejected(client, case.by, case.problem, **sent)
    assert (await refund(client, "ben", payment_id, 1, idempotencyKey="a-key"))["replayed"] is False


async def test_a_payment_that_was_refunded_in_full_is_not_refunded_again(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    await refund(client, "ben", payment_id)
    nothing = (*EXCEEDS, "amount", "At most EUR 0.00 of this payment can still be refunded.")
    await rejected(client, "ben", (*EXCEEDS, "paymentId", "Nothing is left of this payment."), paymentId=payment_id)
    await rejected(client, "ben", nothing, paymentId=payment_id, amount=money(1))


async def test_money_that_was_spent_cannot_be_returned(client: Client) -> None:
    poor = await newcomer(client)
    payment_id = await sent_by(client, "ana", poor, 1000)
    await sent_by(client, poor, "ben", 1)
    missing = ("InsufficientFundsProblem", "INSUFFICIENT_FUNDS", "amount", "There is not enough money in your wallet.")
    await rejected(client, poor, missing, paymentId=payment_id)
    assert (await refund(client, poor, payment_id, 999))["payment"]["status"] == "PARTIALLY_REFUNDED"


async def test_a_deleted_account_neither_refunds_nor_receives_a_refund(client: Client) -> None:
    payment_id, token = await sent_by(client, "ana", "ben", 1000), await client.token("ben")
    for handle in ("ana", "ben"):
        await client.resources.database.fetch("DELETE FROM users WHERE id = $1", await client.user_id(handle))
        before = await snapshot(client.resources)
        sent = {"paymentId": payment_id, "idempotencyKey": "a-key"}
        answer = (await client.post(document("RefundPayment"), {"input": sent}, token=token)).json()
        if handle == "ana":
            gone = ("NotFoundProblem", "NOT_FOUND", "paymentId", "The account of the sender does not exist any more.")
            assert answer == {"data": {"refundPayment": as_problem(gone)}}
        else:
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
        assert await snapshot(client.resources) == before


@pytest.mark.parametrize("other", [{"amount": money(301)}, {"amount": None}, {"paymentId": "OTHER"}])
async def test_a_key_that_was_sent_with_something_else_is_rejected(client: Client, other: dict[str, Any]) -> None:
    payment_id, another_id = await sent_by(client, "ana", "ben", 1000), await sent_by(client, "ana", "ben", 1000)
    await refund(client, "ben", payment_id, 300, idempotencyKey="a-key")
    reused = (
        "IdempotencyProblem",
        "IDEMPOTENCY_KEY_REUSED",
        "idempotencyKey",
        "This key was sent before with something else. Make a new one for each new request.",
    )
    sent = {"paymentId": payment_id, "amount": money(300)} | other
    sent["paymentId"] = another_id if sent["paymentId"] == "OTHER" else sent["paymentId"]
    await rejected(client, "ben", reused, **sent)


async def test_an_id_of_another_type_and_an_anonymous_caller_are_errors(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 1000)
    before = await snapshot(client.resources)
    for sent, as_, code in (
        (await user(client, "ana"), "ben", "BAD_USER_INPUT"),
        (payment_id, None, "UNAUTHENTICATED"),
    ):
        variables = {"input": {"paymentId": sent, "idempotencyKey": "a-key"}}
        answer = await client.ask(document("RefundPayment"), variables, as_=as_)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert await snapshot(client.resources) == before
