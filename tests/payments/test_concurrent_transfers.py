import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from services.resources import Resources
from tests.support.client import Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.kept import changes, events_of, snapshot
from tests.support.payments import (
    available,
    books_are_right,
    fund,
    money,
    newcomer,
    pay,
    payments_of,
    refund,
    send,
    sent_by,
    total,
    user,
)
from tests.support.storm import make_person


def kinds(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(answer["__typename"] for answer in answers)


async def test_50_concurrent_requests_with_one_key_make_one_payment(client: Client) -> None:
    anas, before = await available(client, "ana"), await snapshot(client.resources)
    answers = await asyncio.gather(*(send(client, "ana", "ben", 500, idempotencyKey="a-key") for _ in range(50)))
    assert Counter(answer["replayed"] for answer in answers) == {True: 49, False: 1}
    assert {str({**answer, "replayed": None}) for answer in answers} == {str({**answers[0], "replayed": None})}
    assert answers[0]["wallet"]["available"] == money(anas - 500)
    changed = await changes(client.resources, before)
    tables = ("payments", "payment_parties", "ledger_entries", "idempotency_keys")
    assert [len(changed[table].new) for table in tables] == [1, 2, 2, 1]
    assert len(await events_of(client.resources)) == 1
    await books_are_right(client.resources)


async def test_of_concurrent_requests_with_one_key_and_other_inputs_one_is_done(client: Client) -> None:
    amounts = range(1, 11)
    answers = await asyncio.gather(*(send(client, "ana", "ben", each, idempotencyKey="a-key") for each in amounts))
    assert kinds(answers) == {"SendPaymentSuccess": 1, "IdempotencyProblem": 9}
    assert len(await events_of(client.resources)) == 1


async def test_concurrent_transfers_never_overdraw_a_wallet(client: Client) -> None:
    poor = await newcomer(client, 1, 1000)
    answers = await asyncio.gather(*(send(client, poor, "ben", 300) for _ in range(10)))
    assert kinds(answers) == {"SendPaymentSuccess": 3, "InsufficientFundsProblem": 7}
    assert await available(client, poor) == 100
    await books_are_right(client.resources)


async def test_concurrent_refunds_never_exceed_the_payment(client: Client) -> None:
    payment_id, bens = await sent_by(client, "ana", "ben", 1000), await available(client, "ben")
    answers = await asyncio.gather(*(refund(client, "ben", payment_id, 600) for _ in range(2)))
    assert kinds(answers) == {"RefundPaymentSuccess": 1, "RefundExceedsPaymentProblem": 1}
    answers = await asyncio.gather(*(refund(client, "ben", payment_id) for _ in range(5)))
    assert kinds(answers) == {"RefundPaymentSuccess": 1, "RefundExceedsPaymentProblem": 4}
    assert await available(client, "ben") == bens - 1000
    assert [payment["status"] for payment in await payments_of(client, "ben") if payment["id"] == payment_id] == [
        "REFUNDED"
    ]
    await books_are_right(client.resources)


async def test_50_concurrent_refunds_with_one_key_make_one(client: Client) -> None:
    payment_id, bens = await sent_by(client, "ana", "ben", 1000), await available(client, "ben")
    answers = await asyncio.gather(*(refund(client, "ben", payment_id, 10, idempotencyKey="a-key") for _ in range(50)))
    assert Counter(answer["replayed"] for answer in answers) == {True: 49, False: 1}
    assert len({answer["refund"]["id"] for answer in answers}) == 1
    assert await available(client, "ben") == bens - 10


async def test_transfers_in_both_directions_and_refunds_do_not_deadlock(client: Client) -> None:
    all_money = await total(client.resources)
    received = [await sent_by(client, "ana", "ben", 100) for _ in range(10)]
    anas = await available(client, "ana")
    answers = await asyncio.gather(
        *(send(client, "ana", "ben", 7) for _ in range(20)),
        *(send(client, "ben", "ana", 5) for _ in range(20)),
        *(refund(client, "ben", payment_id) for payment_id in received),
    )
    assert kinds(answers) == {"SendPaymentSuccess": 40, "RefundPaymentSuccess": 10}
    assert await available(client, "ana") == anas + 20 * (5 - 7) + 1000
    assert await total(client.resources) == all_money
    await books_are_right(client.resources)


async def test_concurrent_first_transfers_to_a_user_open_one_wallet(client: Client) -> None:
    newest = await newcomer(client)
    answers = await asyncio.gather(*(send(client, sender, newest, 10) for sender in ("ana", "ben", "chi", "dia") * 3))
    assert kinds(answers) == {"SendPaymentSuccess": 12}
    assert await available(client, newest) == 120
    await books_are_right(client.resources)


async def test_concurrent_first_transfers_in_two_currencies_open_a_wallet_in_one(client: Client) -> None:
    yen, newest = await newcomer(client, 1, 5000, "JPY"), await newcomer(client, 2)
    sent = {"recipientId": await user(client, newest)}
    senders = [("ana", money(100)), (yen, money(100, "JPY"))] * 3
    answers = await asyncio.gather(*(pay(client, "SendPayment", by, **sent, amount=amount) for by, amount in senders))
    assert kinds(answers) == {"SendPaymentSuccess": 3, "InvalidInputProblem": 3}
    assert {answer["code"] for answer in answers if "code" in answer} == {"CURRENCY_MISMATCH"}
    assert await available(client, newest) == 300
    await books_are_right(client.resources)


async def hold_key(resources: Resources, owner_id: int, held: asyncio.Event, ended: asyncio.Event) -> None:
    """Claims a key in a transaction that stays open, as a server does that hangs, and rolls it back."""
    async with resources.database.transaction() as transaction:
        await transaction.fetch(
            "INSERT INTO idempotency_keys (owner_id, operation, key, input_hash, subject_owner_id, subject_id, "
            "created_at) VALUES ($1, 'sendPayment', 'a-key', $2, 1, 1, $3)",
            owner_id,
            b"",
            resources.clock(),
        )
        held.set()
        await ended.wait()
        raise asyncio.CancelledError


async def test_a_request_waits_two_seconds_for_the_first_one_with_its_key(client: Client, engine: Engine) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite's transactions run one at a time")
    held, ended, resources = asyncio.Event(), asyncio.Event(), client.resources
    holder = asyncio.create_task(hold_key(resources, await client.user_id("ana"), held, ended))
    await held.wait()
    before, begun = await snapshot(resources), time.monotonic()
    answer = await send(client, "ana", "ben", 500, idempotencyKey="a-key")
    waited = time.monotonic() - begun
    assert answer == {
        "__typename": "IdempotencyProblem",
        "code": "IDEMPOTENCY_IN_PROGRESS",
        "message": "The first request with this key is still running. Send it again in a moment, with the same key.",
        "field": "input.idempotencyKey",
    }
    assert waited >= 1.9
    assert await snapshot(resources) == before
    waiting = asyncio.create_task(send(client, "ana", "ben", 500, idempotencyKey="a-key"))
    other = await send(client, "ana", "ben", 100, idempotencyKey="another-key")
    ended.set()
    assert ((await waiting)["replayed"], other["replayed"]) == (False, False)
    await asyncio.wait([holder])


async def test_transfers_of_a_wallet_that_is_locked_wait_longer_than_for_a_key(client: Client, engine: Engine) -> None:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("SQLite's transactions run one at a time")
    async with client.resources.database.transaction() as transaction:
        await transaction.fetch("SELECT id FROM wallets WHERE owner_id = $1 FOR UPDATE", await client.user_id("ana"))
        waiting = asyncio.create_task(send(client, "ana", "ben", 500, idempotencyKey="a-key"))
        await asyncio.sleep(2.3)
        assert not waiting.done()
    assert (await waiting)["__typename"] == "SendPaymentSuccess"


async def test_many_senders_to_one_wallet(client: Client) -> None:
    for number in range(20):
        made = await make_person(client.resources, number)
        await fund(client.resources, made.user_id, 100)
    bens = await available(client, "ben")
    answers = await asyncio.gather(*(send(client, f"storm{number}", "ben", 100) for number in range(20)))
    assert kinds(answers) == {"SendPaymentSuccess": 20}
    assert await available(client, "ben") == bens + 2000
    await books_are_right(client.resources)
