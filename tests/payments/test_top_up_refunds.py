import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.global_ids import global_id
from core.settings import Settings
from events import PaymentFailed, PaymentRefunded, PaymentStarted, PaymentSucceeded
from services.payments.settlement_job import settle_payments
from tests.payments.support.wallet_steps import (
    add_card,
    faulty,
    hanging,
    make_due,
    newest_reference,
    problem,
    refund,
    row_id,
    run_handler,
    sandbox,
    screen,
    top_up,
    without_message,
)
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.payments import send
from tests.support.timing import no_hang

LIMITS = ("payments_max_amount", "payments_max_daily", "step_up_amount")
EXCEEDS = problem("RefundExceedsPaymentProblem", "REFUND_EXCEEDS_PAYMENT", "input.amount")
NOT_REFUNDABLE = problem("InvalidInputProblem", "INVALID_INPUT", "input.paymentId")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    limits = "USD=9000,EUR=9000,GBP=9000,JPY=9000,INR=9000"
    return replace(settings, payments_deadline=0.3, **dict.fromkeys(LIMITS, limits))


async def topped_up(client: Client, amount: int = 1000, **sent: Any) -> str:
    """Tops up and returns the id of the payment."""
    return (await top_up(client, amount, "topped up", **sent))["payment"]["id"]


async def rejects(client: Client, rejection: dict[str, Any], *sent: Any, **more: str) -> None:
    before, events = await snapshot(client.resources), await events_of(client.resources)
    assert without_message(await refund(client, *sent, **more)) == rejection
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def test_a_part_of_a_top_up_and_then_the_rest_returns_to_the_card(client: Client) -> None:
    paid, ana, before = await topped_up(client), await client.user_id("ana"), await screen(client)
    answer = await refund(client, paid, 300)
    assert (answer["__typename"], answer["replayed"]) == ("RefundPaymentSuccess", False)
    part = answer["refund"]
    assert (part["kind"], part["status"], part["direction"], part["amount"]["minorUnits"]) == (
        "REFUND",
        "SUCCEEDED",
        "OUT",
        "300",
    )
    assert (answer["payment"]["status"], answer["payment"]["refundedAmount"]) == (
        "PARTIALLY_REFUNDED",
        {"minorUnits": "300"},
    )
    assert await screen(client, since=before) == (before.available - 300, 0, (-300,))
    facts = {"actor_id": ana, "payment_owner_id": ana, "payment_id": row_id(part["id"]), "party_id": 0}
    assert (await events_of(client.resources))[-3:] == [
        PaymentStarted(**facts),
        PaymentSucceeded(**facts),
        PaymentRefunded(
            actor_id=ana,
            payment_owner_id=ana,
            payment_id=row_id(paid),
            party_id=0,
            refund_owner_id=ana,
            refund_id=row_id(part["id"]),
        ),
    ]
    stored = await snapshot(client.resources)
    assert await refund(client, paid, 300) == answer | {"replayed": True}
    assert await snapshot(client.resources) == stored
    rest = await refund(client, paid, None, "rest")
    assert (rest["refund"]["amount"]["minorUnits"], rest["payment"]["status"]) == ("700", "REFUNDED")
    assert await screen(client, since=before) == (before.available - 1000, 0, (-700, -300))
    await rejects(client, EXCEEDS | {"field": "input.paymentId"}, paid, None, "more")
    await rejects(client, EXCEEDS, paid, 1, "more")


async def test_two_refunds_at_once_never_exceed_the_top_up(client: Client) -> None:
    paid, before = await topped_up(client), await screen(client)
    answers = await asyncio.gather(*(refund(client, paid, 600, f"r{number}") for number in range(6)))
    succeeded = [answer for answer in answers if answer["__typename"] == "RefundPaymentSuccess"]
    rejected = [without_message(answer) for answer in answers if answer not in succeeded]
    assert (len(succeeded), rejected) == (1, [EXCEEDS] * 5)
    assert await screen(client, since=before) == (before.available - 600, 0, (-600,))


async def test_a_refund_that_is_pending_counts(client: Client) -> None:
    card = await add_card(client, "ana", "tok_slow_refund")
    paid = await topped_up(client, paymentMethodId=card)
    before = await screen(client)
    assert (await refund(client, paid, 600))["refund"]["status"] == "PENDING"
    assert await screen(client, since=before) == (before.available - 600, 0, (-600,))
    await rejects(client, EXCEEDS, paid, 401, "more")
    async with no_hang():
        while (await refund(client, paid, 600))["refund"]["status"] == "PENDING":
            await make_due(client.resources)
            await run_handler(client.resources, settle_payments)
    ended = await refund(client, paid, 600)
    assert (ended["refund"]["status"], ended["payment"]["refundedAmount"]) == ("SUCCEEDED", {"minorUnits": "600"})
    assert await screen(client, since=before) == (before.available - 600, 0, (-600,))


async def test_money_that_the_provider_does_not_refund_is_in_the_wallet_again(client: Client) -> None:
    paid, before = await topped_up(client), await screen(client)
    await sandbox(client.resources).dispute(await newest_reference(client))
    rejected = await refund(client, paid, 400)
    assert without_message(rejected) == problem("PaymentDeclinedProblem", "PAYMENT_DECLINED", "input.paymentId")
    assert await screen(client, since=before) == (before.available, 0, (400, -400))
    assert isinstance((await events_of(client.resources))[-1], PaymentFailed)
    stored = await snapshot(client.resources)
    assert await refund(client, paid, 400) == rejected
    assert await snapshot(client.resources) == stored
    (row,) = await client.resources.database.fetch("SELECT * FROM payments WHERE id = $1", row_id(paid))
    assert (row["status"], row["refunded_amount"]) == ("SUCCEEDED", 0)


@pytest.mark.parametrize("fails", ["before", "after"])
async def test_a_provider_that_hangs_refunds_once(client: Client, fails: str) -> None:
    paid, before, faults = await topped_up(client), await screen(client), faulty(client.resources)
    setattr(faults, fails, hanging)
    assert (await refund(client, paid, 400))["refund"]["status"] == "PENDING"
    assert await screen(client, since=before) == (before.available - 400, 0, (-400,))
    setattr(faults, fails, None)
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    assert (await refund(client, paid, 400))["refund"]["status"] == "SUCCEEDED"
    refunds = await sandbox(client.resources).ask(
        lambda book: [tuple(row) for row in book.rows("SELECT amount, state FROM refunds")]
    )
    assert refunds == [(400, "SUCCEEDED")]


async def test_more_than_the_wallet_has_is_not_refunded(client: Client) -> None:
    paid, has = await topped_up(client), (await screen(client)).available
    assert (await send(client, "ana", "ben", has - 999))["__typename"] == "SendPaymentSuccess"
    rejection = problem("InsufficientFundsProblem", "INSUFFICIENT_FUNDS", "input.amount")
    await rejects(client, rejection, paid, 1000)
    assert (await refund(client, paid, 999, "all of it"))["refund"]["status"] == "SUCCEEDED"
    assert (await screen(client)).available == 0


@pytest.mark.parametrize("amount", [0, -1])
async def test_a_refund_is_more_than_nothing(client: Client, amount: int) -> None:
    rejection = problem("InvalidInputProblem", "INVALID_INPUT", "input.amount.minorUnits")
    await rejects(client, rejection, await topped_up(client), amount)


async def test_a_refund_has_the_currency_of_the_payment(client: Client) -> None:
    rejection = problem("InvalidInputProblem", "CURRENCY_MISMATCH", "input.amount.currency")
    await rejects(client, rejection, await topped_up(client), 100, currency="USD")


async def test_a_top_up_of_someone_else_is_unknown(client: Client) -> None:
    paid, ana = await topped_up(client), await client.user_id("ana")
    missing = problem("NotFoundProblem", "NOT_FOUND", "input.paymentId")
    await rejects(client, missing, paid, 100, as_="ben")
    await rejects(client, missing, global_id("Payment", ana, client.resources.ids.next()), 100)


async def test_only_what_succeeded_is_refunded(client: Client) -> None:
    declined = await add_card(client, "ana", "tok_charge_declined")
    await top_up(client, 1000, paymentMethodId=declined)
    rows = await client.resources.database.fetch("SELECT owner_id, id FROM payments ORDER BY id DESC LIMIT 1")
    failed = global_id("Payment", rows[0]["owner_id"], rows[0]["id"])
    await rejects(client, NOT_REFUNDABLE, failed, 100)
    confirmed = await add_card(client, "ana", "tok_confirm")
    waiting = (await top_up(client, 100, "waiting", paymentMethodId=confirmed))["payment"]["id"]
    await rejects(client, NOT_REFUNDABLE, waiting, 100)


async def test_a_top_up_without_a_charge_at_this_provider_is_not_refunded(client: Client) -> None:
    ana = await client.user_id("ana")
    rows = await client.resources.database.fetch(
        "SELECT id FROM payments WHERE owner_id = $1 AND kind = 'TOP_UP' AND status = 'SUCCEEDED' LIMIT 1", ana
    )
    await rejects(client, NOT_REFUNDABLE, global_id("Payment", ana, rows[0]["id"]), 100)
