"""Refunds to a card that fail after they have succeeded: the money returns to the wallet, once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey, ProviderRefund, RefundState, WebhookKind
from core.settings import Settings
from events import PaymentRefundReturned
from services.payments.settle import settle_refund
from services.payments.settlement_job import settle_payments
from services.payments.verification import LedgerVerification
from tests.payments.support.rules import CAUSE, NOT_REFUNDABLE, NOW, payment
from tests.payments.support.wallet_steps import (
    faulty,
    make_due,
    problem,
    refund,
    row_id,
    run_handler,
    sandbox,
    screen,
    top_up,
    unreachable,
    without_message,
)
from tests.payments.support.webhooks import SECRET, deliver, event_of
from tests.payments.test_reconcile import differences
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.relay import drained

FAILED = WebhookKind.REFUND_CHANGED


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_webhook_secrets=SECRET)


async def refunded(client: Client, amount: int = 400) -> tuple[str, PaymentKey]:
    """Tops up 15.00 EUR and refunds a part. Returns the id of the top-up, and the refund."""
    paid = (await top_up(client, 1500))["payment"]["id"]
    answer = await refund(client, paid, amount)
    return paid, PaymentKey(await client.user_id("ana"), row_id(answer["refund"]["id"]))


async def fail(client: Client, key: PaymentKey, event_id: str = "evt_1") -> int:
    """Makes the refund fail at the provider, and returns the status of the response to its event."""
    row = await _provider_refund(client, key)
    await sandbox(client.resources).fail_refund(row["reference"])
    return await deliver(client, event_of(FAILED, key, row["charge"], id=event_id))


async def _provider_refund(client: Client, key: PaymentKey) -> Any:
    sql = "SELECT reference, charge FROM refunds WHERE payment_id = ?"
    return await sandbox(client.resources).ask(lambda book: book.require(sql, key.id))


async def returned(client: Client) -> list[dict[str, Any]]:
    sql = "SELECT * FROM payments WHERE cause = 'REFUND_RETURNED'"
    return [dict(row) for row in await client.resources.database.fetch(sql)]


async def faults(client: Client) -> list[object]:
    return [fault async for fault in LedgerVerification(client.resources.database).faults()]


async def test_a_refund_that_fails_later_returns_to_the_wallet_once(client: Client) -> None:
    before = await screen(client)
    _, key = await refunded(client)
    assert (await screen(client)).available == before.available + 1100
    assert await fail(client, key) == 200
    assert (await screen(client)).available == before.available + 1500
    (row,) = await returned(client)
    facts = (row["kind"], row["status"], row["amount"], row["refunds_owner_id"], row["refunds_id"])
    assert facts == ("TOP_UP", "SUCCEEDED", 400, *key)
    told = PaymentRefundReturned(
        actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=row["id"], refund_id=key.id
    )
    assert (await events_of(client.resources))[-1] == told
    stored = await snapshot(client.resources)
    assert await fail(client, key) == 200
    assert await snapshot(client.resources) == stored
    assert await fail(client, key, "evt_2") == 200
    assert len(await returned(client)) == 1
    assert await faults(client) == []
    assert await differences(client.resources) == []


async def test_it_is_told_once_as_a_failed_payment_with_the_refund_as_subject(client: Client) -> None:
    _, key = await refunded(client)
    for number in (1, 2):
        assert await fail(client, key, f"evt_{number}") == 200
    await drained(client.resources)
    sql = "SELECT actor_id, subject_type, subject_owner_id, subject_id FROM notifications WHERE kind = 'PAYMENT_FAILED'"
    rows = [tuple(row.values()) for row in await client.resources.database.fetch(sql)]
    assert rows.count((None, "Payment", *key)) == 1


async def test_the_events_of_a_failure_at_the_same_time_return_it_once(client: Client) -> None:
    _, key = await refunded(client)
    row = await _provider_refund(client, key)
    await sandbox(client.resources).fail_refund(row["reference"])
    events = [event_of(FAILED, key, row["charge"], id=f"evt_{number}") for number in range(5)]
    assert await asyncio.gather(*(deliver(client, event) for event in events)) == [200] * 5
    assert len(await returned(client)) == 1
    assert await faults(client) == []


async def test_an_older_answer_that_there_is_no_refund_returns_nothing(client: Client) -> None:
    before, (_, key) = await screen(client), await refunded(client)
    unknown = ProviderRefund("", RefundState.FAILED, 400, "EUR")
    await settle_refund(client.resources, key, unknown)
    assert (await screen(client)).available == before.available + 1100
    assert await returned(client) == []


async def test_a_return_is_no_part_of_the_amount_of_a_day(client: Client) -> None:
    limit = client.resources.settings.max_daily_amounts["EUR"]
    _, key = await refunded(client)
    assert await fail(client, key) == 200
    for number, amount in enumerate(_parts(limit - 1500, client.resources.settings.max_amounts["EUR"])):
        assert (await top_up(client, amount, f"part {number}"))["__typename"] == "TopUpWalletSuccess"


def _parts(amount: int, most: int) -> list[int]:
    return [min(most, amount - begin) for begin in range(0, amount, most)]


async def test_a_refund_that_is_as_it_was_returns_nothing(client: Client) -> None:
    _, key = await refunded(client)
    row = await _provider_refund(client, key)
    assert await deliver(client, event_of(FAILED, key, row["charge"])) == 200
    assert await returned(client) == []


async def test_a_refund_that_failed_before_its_success_was_known_is_a_failed_refund(client: Client) -> None:
    before, provider = await screen(client), faulty(client.resources)
    paid = (await top_up(client, 1500))["payment"]["id"]
    provider.after = unreachable
    answer = await refund(client, paid, 400)
    provider.after = None
    key = PaymentKey(await client.user_id("ana"), row_id(answer["refund"]["id"]))
    assert answer["refund"]["status"] == "PENDING"
    await sandbox(client.resources).fail_refund((await _provider_refund(client, key))["reference"])
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    assert (await screen(client)).available == before.available + 1500
    assert await returned(client) == []
    assert await faults(client) == []
    assert await differences(client.resources) == []


async def test_money_that_came_back_is_not_refunded_to_the_card_again(client: Client) -> None:
    paid, key = await refunded(client, 1500)
    assert await fail(client, key) == 200
    (row,) = await returned(client)
    ids = [edge["node"]["id"] for edge in await _edges(client)]
    (top_up_id,) = [each for each in ids if row_id(each) == row["id"]]
    stored = await snapshot(client.resources)
    for number, each in enumerate((top_up_id, paid)):
        assert (await refund(client, each, 1, f"again {number}"))["__typename"] != "RefundPaymentSuccess"
    assert without_message(await refund(client, top_up_id, 1, "again")) == problem(
        "InvalidInputProblem", "INVALID_INPUT", "input.paymentId"
    )
    assert await snapshot(client.resources) == stored


async def _edges(client: Client) -> list[Any]:
    answer = await client.data("{ viewer { payments(first: 5) { edges { node { id } } } } }", as_="ana")
    return answer["viewer"]["payments"]["edges"]


async def test_a_return_that_was_not_told_is_a_difference(client: Client) -> None:
    _, key = await refunded(client)
    await sandbox(client.resources).fail_refund((await _provider_refund(client, key))["reference"])
    assert await differences(client.resources) == [("MISSING_IN_LEDGER", "REFUND_RETURNED EUR 4.00", "")]


async def test_the_database_rejects_other_returns(client: Client) -> None:
    _, key = await refunded(client)
    owner_id = key.owner_id
    (original,) = await client.resources.database.fetch(
        "SELECT refunds_id FROM payments WHERE owner_id = $1 AND id = $2", *key
    )
    right = {
        "owner_id": owner_id,
        "status": "'SUCCEEDED'",
        "amount": 400,
        "cause": "'REFUND_RETURNED'",
        "refunds_owner_id": owner_id,
        "refunds_id": key.id,
    }
    wrong: list[dict[str, object]] = [
        {"amount": 399},
        {"currency": "'USD'"},
        {"owner_id": owner_id + 1},
        {"refunds_id": original["refunds_id"]},
        {"refunds_id": 1},
        {"status": "'FAILED'"},
    ]
    stored = await snapshot(client.resources)
    for change in wrong:
        with pytest.raises(IntegrityError, match="the refund cannot be returned"):
            await client.resources.database.fetch(payment(**right | change), NOW)
    with pytest.raises(IntegrityError, match=f"{CAUSE}|{NOT_REFUNDABLE}"):
        await client.resources.database.fetch(payment(**right | {"kind": "'REFUND'"}), NOW)
    assert await snapshot(client.resources) == stored
    assert await fail(client, key) == 200
    with pytest.raises(IntegrityError, match="the refund cannot be returned"):
        await client.resources.database.fetch(payment(**right), NOW)
