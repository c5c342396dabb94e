from typing import Any

import pytest

from core.global_ids import global_id
from events import PaymentSucceeded
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.payments import (
    Balance,
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
    send,
    sent_by,
    total,
    user,
)
from tests.support.world import block

NOTE = "Dinner,\nand drinks 🍷"


async def test_a_transfer_returns_the_payment_and_the_wallet_after_it(client: Client) -> None:
    anas, ana_id = await available(client, "ana"), await client.user_id("ana")
    answer = await send(client, "ana", "ben", 1234, note=" Dinner,\r\nand drinks 🍷 ")
    payment = answer["payment"]
    assert answer == {
        "__typename": "SendPaymentSuccess",
        "payment": {
            "id": payment["id"],
            "kind": "TRANSFER",
            "status": "SUCCEEDED",
            "direction": "OUT",
            "amount": money(1234),
            "refundedAmount": money(0),
            "note": NOTE,
            "failureCode": None,
            "createdAt": payment["createdAt"],
            "updatedAt": payment["createdAt"],
            "counterparty": {"id": await user(client, "ben"), "handle": "ben", "name": "Ben Okafor"},
        },
        "wallet": {"id": global_id("Wallet", ana_id, ana_id), "available": money(anas - 1234)},
        "replayed": False,
    }
    owner_id, payment_id = key_of(payment["id"])
    party = await client.user_id("ben")
    assert await events_of(client.resources) == [
        PaymentSucceeded(actor_id=ana_id, payment_owner_id=owner_id, payment_id=payment_id, party_id=party)
    ]
    assert owner_id == ana_id


async def test_a_transfer_moves_money_and_both_see_it(client: Client) -> None:
    before = {handle: await available(client, handle) for handle in ("ana", "ben")}
    all_money = await total(client.resources)
    payment_id = await sent_by(client, "ana", "ben", 1234, note=NOTE)
    for handle, direction, other, change in (("ana", "OUT", "ben", -1234), ("ben", "IN", "ana", 1234)):
        assert (await payments_of(client, handle))[0] == {
            "id": payment_id,
            "kind": "TRANSFER",
            "status": "SUCCEEDED",
            "direction": direction,
            "amount": money(1234),
            "refundedAmount": {"minorUnits": "0"},
            "note": NOTE,
            "counterparty": {"handle": other},
        }
        after = before[handle] + change
        assert await balance(client, handle) == Balance(after)
        assert (await entries_of(client, handle))[0] == (change, after, payment_id)
    assert await total(client.resources) == all_money
    await books_are_right(client.resources)


async def test_the_recipient_reads_the_payment_by_its_id_and_a_stranger_does_not(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 100)
    for handle, direction in (("ana", "OUT"), ("ben", "IN")):
        node = (await client.data(document("PaymentScreen"), {"id": payment_id}, as_=handle))["node"]
        assert (node["direction"], node["amount"]) == (direction, money(100))
    assert await client.data(document("PaymentScreen"), {"id": payment_id}, as_="dia") == {"node": None}
    assert await client.data(document("PaymentScreen"), {"id": payment_id}) == {"node": None}


async def test_the_first_transfer_to_a_user_opens_a_wallet_in_its_currency(client: Client) -> None:
    newest = await newcomer(client)
    assert await balance(client, newest) is None
    await sent_by(client, "ana", newest, 700)
    assert await balance(client, newest) == Balance(700)
    await sent_by(client, "ana", newest, 1)
    assert await balance(client, newest) == Balance(701)
    await sent_by(client, newest, "ben", 701)
    assert await balance(client, newest) == Balance(0)
    await books_are_right(client.resources)


async def test_a_currency_without_minor_units_is_sent_in_whole_units(client: Client) -> None:
    rich, poor = await newcomer(client, 1, 5000, "JPY"), await newcomer(client, 2)
    sent = {"recipientId": await user(client, poor), "amount": money(4999, "JPY")}
    answer = await pay(client, "SendPayment", rich, **sent)
    assert (answer["payment"]["amount"], answer["wallet"]["available"]) == (money(4999, "JPY"), money(1, "JPY"))
    assert await balance(client, poor) == Balance(4999, 0, "JPY")


@pytest.mark.parametrize(
    ("note", "stored"), [(None, None), ("", None), ("x" * 280, "x" * 280), ("1234 5678", "1234 5678")]
)
async def test_a_note_is_optional(client: Client, note: str | None, stored: str | None) -> None:
    answer = await send(client, "ana", "ben", 100, note=note)
    assert answer["payment"]["note"] == stored
    assert (await payments_of(client, "ben"))[0]["note"] == stored


async def test_a_repeated_transfer_returns_the_payment_as_it_is_now(client: Client) -> None:
    sent: dict[str, Any] = {"note": "Rent", "idempotencyKey": "a-key"}
    anas = await available(client, "ana")
    first = await send(client, "ana", "ben", 500, **sent)
    before = await snapshot(client.resources)
    assert await send(client, "ana", "ben", 500, **sent) == {**first, "replayed": True}
    assert await snapshot(client.resources) == before
    await refund(client, "ben", first["payment"]["id"], 200)
    again = await send(client, "ana", "ben", 500, **sent | {"note": " Rent "})
    assert again["replayed"] is True
    assert (again["payment"]["id"], again["payment"]["status"]) == (first["payment"]["id"], "PARTIALLY_REFUNDED")
    assert again["payment"]["refundedAmount"] == money(200)
    assert again["wallet"]["available"] == money(anas - 300)


async def test_a_key_is_ones_own_and_of_one_mutation(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 500, idempotencyKey="a-key")
    other = await send(client, "ben", "ana", 100, idempotencyKey="a-key")
    refunded = await refund(client, "ben", payment_id, 100, idempotencyKey="a-key")
    assert (other["__typename"], other["replayed"]) == ("SendPaymentSuccess", False)
    assert (refunded["__typename"], refunded["replayed"]) == ("RefundPaymentSuccess", False)


async def test_a_later_block_hides_the_counterparty_and_keeps_the_payment(client: Client) -> None:
    payment_id = await sent_by(client, "ana", "ben", 500, idempotencyKey="a-key")
    await block(client.resources, await client.user_id("ben"), await client.user_id("ana"))
    for handle in ("ana", "ben"):
        payment = (await payments_of(client, handle))[0]
        assert (payment["id"], payment["amount"], payment["counterparty"]) == (payment_id, money(500), None)
    again = await send(client, "ana", "ben", 500, idempotencyKey="a-key")
    assert (again["replayed"], again["payment"]["id"], again["payment"]["counterparty"]) == (True, payment_id, None)
