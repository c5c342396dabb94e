"""Money is never sent to an account while it is deleted."""

import asyncio
from collections import Counter
from typing import Any

from tests.support.client import Client
from tests.support.payments import (
    available,
    books_are_right,
    money,
    new_key,
    newcomer,
    refund,
    sent_by,
    total,
    user,
)
from tests.support.payments import document as payment_document
from tests.support.storm import PASSWORD

_DELETE = (
    "mutation ($input: DeleteAccountInput!) { deleteAccount(input: $input) { __typename ... on Problem { field } } }"
)
ROUNDS = 6


async def delete(client: Client, token: str) -> str:
    """Deletes an account, if it has no money. Returns what came of it."""
    sent = {"input": {"password": PASSWORD, "giveUpBalance": False}}
    answer = (await client.post(_DELETE, sent, token=token)).json()["data"]["deleteAccount"]
    assert answer.get("field") in (None, "input.giveUpBalance"), answer
    return answer["__typename"]


async def pay_now(client: Client, token: str, recipient_id: str) -> str:
    sent = {"input": {"recipientId": recipient_id, "amount": money(100), "idempotencyKey": new_key()}}
    answer = (await client.post(payment_document("SendPayment"), sent, token=token)).json()
    return answer["data"]["sendPayment"]["__typename"]


async def test_an_account_is_deleted_or_receives_money_but_not_both(client: Client) -> None:
    anas, all_money = await available(client, "ana"), await total(client.resources)
    outcomes = Counter[tuple[str, ...]]()
    for number in range(ROUNDS):
        newest = await newcomer(client, number)
        theirs, anas_token, recipient_id = (
            await client.token(newest),
            await client.token("ana"),
            await user(client, newest),
        )
        both: list[Any] = [pay_now(client, anas_token, recipient_id), delete(client, theirs)]
        outcomes[tuple(await asyncio.gather(*both))] += 1
    sent = ("SendPaymentSuccess", "InvalidInputProblem")
    assert set(outcomes) <= {sent, ("NotFoundProblem", "DeleteAccountSuccess")}
    assert await available(client, "ana") == anas - 100 * outcomes[sent]
    assert await total(client.resources) == all_money
    await books_are_right(client.resources)


async def test_a_deleted_sender_gets_no_refund(client: Client) -> None:
    poor = await newcomer(client, 1, 100)
    payment_id, token = await sent_by(client, poor, "ben", 100), await client.token(poor)
    assert await delete(client, token) == "DeleteAccountSuccess"
    bens = await available(client, "ben")
    assert (await refund(client, "ben", payment_id))["code"] == "NOT_FOUND"
    assert await available(client, "ben") == bens
