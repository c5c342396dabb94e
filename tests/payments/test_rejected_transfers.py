from typing import Any, NamedTuple

import pytest

from core.global_ids import global_id
from tests.support.client import Client
from tests.support.feed import post_of
from tests.support.kept import snapshot
from tests.support.payments import document, money, newcomer, pay, send, sent_by, user
from tests.support.world import block


class Rejected(NamedTuple):
    """An invalid input as changes of a valid one, and its problem: type, code, field below `input`, message."""

    sent: dict[str, Any]
    typename: str
    code: str
    field: str
    message: str


AT_MOST = "Send at most EUR 2000.00 at once."
NO_NOTE = "Write 1 to 280 letters, without control characters."
CARD = "This looks like a card number. Never send one in a note."
NO_KEY = "Send a key of 1 to 100 characters, like a UUID."
ZERO = "Send an amount greater than zero."


def invalid(sent: dict[str, Any], field: str, message: str) -> Rejected:
    return Rejected(sent, "InvalidInputProblem", "INVALID_INPUT", field, message)


REJECTED = [
    invalid({"amount": money(0)}, "amount.minorUnits", ZERO),
    invalid({"amount": money(-1)}, "amount.minorUnits", ZERO),
    invalid({"amount": money(-(2**63))}, "amount.minorUnits", ZERO),
    invalid({"amount": money(200_001)}, "amount.minorUnits", AT_MOST),
    invalid({"amount": money(2**63 - 1)}, "amount.minorUnits", AT_MOST),
    Rejected(
        {"amount": money(100, "USD")},
        "InvalidInputProblem",
        "CURRENCY_MISMATCH",
        "amount.currency",
        "Your wallet is in EUR.",
    ),
    invalid({"note": "x" * 281}, "note", NO_NOTE),
    invalid({"note": "a\x07b"}, "note", NO_NOTE),
    invalid({"note": " \u200b "}, "note", NO_NOTE),
    invalid({"note": "Use 4242 4242 4242 4242, please"}, "note", CARD),
    invalid({"note": "٤٢٤٢-٤٢٤٢-٤٢٤٢-٤٢٤٢"}, "note", CARD),
    invalid({"idempotencyKey": ""}, "idempotencyKey", NO_KEY),
    invalid({"idempotencyKey": "k" * 101}, "idempotencyKey", NO_KEY),
    invalid({"idempotencyKey": "a\nb"}, "idempotencyKey", NO_KEY),
    Rejected(
        {"recipientId": global_id("User", 1, 1)},
        "NotFoundProblem",
        "NOT_FOUND",
        "recipientId",
        "The user does not exist.",
    ),
]


def as_problem(rejected: Rejected) -> dict[str, Any]:
    return {
        "__typename": rejected.typename,
        "code": rejected.code,
        "message": rejected.message,
        "field": f"input.{rejected.field}",
    }


async def rejected(client: Client, as_: str, problem: dict[str, Any], **sent: Any) -> None:
    """Sends an invalid transfer twice, and asserts that it changes nothing and leaves its key unused."""
    before = await snapshot(client.resources)
    for _ in range(2):
        assert await pay(client, "SendPayment", as_, **{"idempotencyKey": "a-key"} | sent) == problem
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("case", REJECTED)
async def test_an_invalid_transfer_changes_nothing_and_leaves_its_key_unused(client: Client, case: Rejected) -> None:
    valid = {"recipientId": await user(client, "ben"), "amount": money(100), "idempotencyKey": "a-key"}
    await rejected(client, "ana", as_problem(case), **valid | case.sent)
    assert (await pay(client, "SendPayment", "ana", **valid))["replayed"] is False


async def test_nobody_sends_money_to_themselves(client: Client) -> None:
    case = invalid({}, "recipientId", "You cannot send money to yourself.")
    await rejected(client, "ana", as_problem(case), recipientId=await user(client, "ana"), amount=money(100))


async def test_more_than_the_wallet_has_is_not_sent(client: Client) -> None:
    poor = await newcomer(client, 1, 100)
    case = Rejected(
        {}, "InsufficientFundsProblem", "INSUFFICIENT_FUNDS", "amount", "There is not enough money in your wallet."
    )
    sent = {"recipientId": await user(client, "ben"), "idempotencyKey": "a-key"}
    await rejected(client, poor, as_problem(case), **sent, amount=money(101))
    await rejected(client, await newcomer(client, 2), as_problem(case), **sent, amount=money(1))
    assert (await pay(client, "SendPayment", poor, **sent, amount=money(100)))["wallet"]["available"] == money(0)


async def test_a_wallet_receives_its_own_currency_only(client: Client) -> None:
    yen = await newcomer(client, 1, 5000, "JPY")
    mine = Rejected({}, "InvalidInputProblem", "CURRENCY_MISMATCH", "amount.currency", "Your wallet is in JPY.")
    theirs = mine._replace(message="This user can only receive JPY.")
    await rejected(client, yen, as_problem(mine), recipientId=await user(client, "ana"), amount=money(100))
    await rejected(client, "ana", as_problem(theirs), recipientId=await user(client, yen), amount=money(100))


async def test_a_user_who_has_blocked_the_sender_is_not_found(client: Client) -> None:
    await block(client.resources, await client.user_id("ben"), await client.user_id("ana"))
    case = Rejected({}, "NotFoundProblem", "NOT_FOUND", "recipientId", "The user does not exist.")
    await rejected(client, "ana", as_problem(case), recipientId=await user(client, "ben"), amount=money(100))


async def test_a_blocked_user_receives_nothing(client: Client) -> None:
    await block(client.resources, await client.user_id("ana"), await client.user_id("ben"))
    case = Rejected(
        {}, "ForbiddenProblem", "FORBIDDEN", "recipientId", "You have blocked this user. Unblock them first."
    )
    await rejected(client, "ana", as_problem(case), recipientId=await user(client, "ben"), amount=money(100))


async def delete_account(client: Client, handle: str) -> None:
    """Deletes the identity of an account, as `deleteAccount` does."""
    await client.resources.database.fetch("DELETE FROM users WHERE id = $1", await client.user_id(handle))


async def test_a_deleted_account_receives_nothing_and_sends_nothing(client: Client) -> None:
    ben, ana, token = await user(client, "ben"), await user(client, "ana"), await client.token("ben")
    await delete_account(client, "ben")
    case = Rejected({}, "NotFoundProblem", "NOT_FOUND", "recipientId", "The user does not exist.")
    await rejected(client, "ana", as_problem(case), recipientId=ben, amount=money(100))
    before = await snapshot(client.resources)
    sent = {"recipientId": ana, "amount": money(100), "idempotencyKey": "a-key"}
    answer = (await client.post(document("SendPayment"), {"input": sent}, token=token)).json()
    assert answer["data"] == {"sendPayment": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize(
    ("sent", "argument"),
    [
        ({"recipientId": "nonsense"}, "input.recipientId"),
        ({"recipientId": "POST"}, "input.recipientId"),
        ({"amount": {"minorUnits": "abc", "currency": "EUR"}}, None),
        ({"amount": {"minorUnits": "1.5", "currency": "EUR"}}, None),
        ({"amount": {"minorUnits": 1.5, "currency": "EUR"}}, None),
        ({"amount": {"minorUnits": "9223372036854775808", "currency": "EUR"}}, None),
        ({"amount": {"minorUnits": "1" * 40, "currency": "EUR"}}, None),
        ({"amount": {"minorUnits": "100", "currency": "CHF"}}, None),
        ({"amount": {"minorUnits": "100"}}, None),
        ({"amount": None}, None),
        ({"idempotencyKey": None}, None),
    ],
)
async def test_what_is_not_an_input_is_an_error_and_changes_nothing(
    client: Client, sent: dict[str, Any], argument: str | None
) -> None:
    valid = {"recipientId": await user(client, "ben"), "amount": money(100), "idempotencyKey": "a-key"}
    post = (await post_of(client, "ana")).id
    filled = {name: post if value == "POST" else value for name, value in (valid | sent).items()}
    before = await snapshot(client.resources)
    answer = await client.ask(document("SendPayment"), {"input": filled}, as_="ana")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"].get("argument") == argument
    assert await snapshot(client.resources) == before


async def test_an_anonymous_caller_sends_nothing(client: Client) -> None:
    sent = {"recipientId": await user(client, "ben"), "amount": money(100), "idempotencyKey": "a-key"}
    before = await snapshot(client.resources)
    answer = await client.ask(document("SendPayment"), {"input": sent})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("other", [{"amount": money(101)}, {"note": "Another"}, {"note": None}, {"recipientId": "CHI"}])
async def test_a_key_that_was_sent_with_something_else_is_rejected(client: Client, other: dict[str, Any]) -> None:
    sent: dict[str, Any] = {"note": "A note", "idempotencyKey": "a-key"}
    await sent_by(client, "ana", "ben", 100, **sent)
    wrong = {"recipientId": await user(client, "ben"), "amount": money(100), **sent, **other}
    wrong["recipientId"] = await user(client, "chi") if wrong["recipientId"] == "CHI" else wrong["recipientId"]
    case = Rejected(
        {},
        "IdempotencyProblem",
        "IDEMPOTENCY_KEY_REUSED",
        "idempotencyKey",
        "This key was sent before with something else. Make a new one for each new request.",
    )
    await rejected(client, "ana", as_problem(case), **wrong)
    assert (await send(client, "ana", "ben", 100, **sent))["replayed"] is True
