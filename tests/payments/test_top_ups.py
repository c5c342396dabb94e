import asyncio
from dataclasses import replace

import pytest

from core.settings import Settings
from events import PaymentFailed, PaymentStarted, PaymentSucceeded
from services.payments.settlement_job import settle_payments
from tests.payments.support.wallet_steps import (
    add_card,
    charges,
    faulty,
    hanging,
    later,
    make_due,
    newest_reference,
    problem,
    row_id,
    run_handler,
    sandbox,
    screen,
    top_up,
    unreachable,
    without_message,
)
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.timing import no_hang

DECLINED = problem("PaymentDeclinedProblem", "PAYMENT_DECLINED", "input.paymentMethodId")
SHORT = 0.3
"""Seconds of the provider's deadline in tests that wait for it."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_deadline=SHORT)


async def test_a_top_up_adds_money_to_the_wallet(client: Client) -> None:
    before, ana = await screen(client), await client.user_id("ana")
    answer = await top_up(client, 1500)
    payment_id = answer["payment"]["id"]
    assert answer == {
        "__typename": "TopUpWalletSuccess",
        "payment": {
            "id": payment_id,
            "kind": "TOP_UP",
            "status": "SUCCEEDED",
            "direction": "IN",
            "amount": {"minorUnits": "1500", "currency": "EUR"},
            "refundedAmount": {"minorUnits": "0"},
            "failureCode": None,
            "confirmation": None,
        },
        "replayed": False,
        "wallet": {
            "available": {"minorUnits": str(before.available + 1500), "currency": "EUR"},
            "pending": {"minorUnits": "0"},
        },
    }
    after = await screen(client, since=before)
    assert after == (before.available + 1500, 0, (1500,))
    facts = {"actor_id": ana, "payment_owner_id": ana, "payment_id": row_id(payment_id), "party_id": 0}
    events = (await events_of(client.resources))[-2:]
    assert events == [PaymentStarted(**facts), PaymentSucceeded(**facts)]


async def test_a_repeated_top_up_charges_once(client: Client) -> None:
    first, before = await top_up(client, 1500), await snapshot(client.resources)
    assert await top_up(client, 1500) == first | {"replayed": True}
    assert await snapshot(client.resources) == before
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]


async def test_concurrent_top_ups_with_one_key_charge_once(client: Client) -> None:
    before = await screen(client)
    answers = await asyncio.gather(*(top_up(client, 700) for _ in range(10)))
    assert sorted(answer["replayed"] for answer in answers) == [False, *[True] * 9]
    assert len({answer["payment"]["id"] for answer in answers}) == 1
    assert await screen(client, since=before) == (before.available + 700, 0, (700,))
    assert await charges(client.resources) == [(700, "SUCCEEDED")]


@pytest.mark.parametrize("token", ["tok_charge_declined"])
async def test_a_declined_card_adds_nothing(client: Client, token: str) -> None:
    card, before, ana = await add_card(client, "ana", token), await screen(client), await client.user_id("ana")
    declined = await top_up(client, 1500, paymentMethodId=card)
    assert without_message(declined) == DECLINED
    stored = await snapshot(client.resources)
    assert await top_up(client, 1500, paymentMethodId=card) == declined
    assert await snapshot(client.resources) == stored
    assert await screen(client) == before
    assert await charges(client.resources) == [(1500, "DECLINED")]
    (failed,) = [event for event in await events_of(client.resources) if isinstance(event, PaymentFailed)]
    assert (failed.actor_id, failed.payment_owner_id) == (ana, ana)
    rows = await client.resources.database.fetch(
        "SELECT account, SUM(amount) AS total FROM ledger_entries WHERE payment_id = $1 GROUP BY account "
        "ORDER BY account",
        failed.payment_id,
    )
    assert [(row["account"], int(row["total"])) for row in rows] == [("PENDING", 0), ("PROVIDER", 0)]
    assert await client.resources.database.fetch("SELECT * FROM open_payments") == []


async def test_the_provider_finds_that_a_card_has_expired(client: Client) -> None:
    card, before = await add_card(client, "ana", "tok_expired"), await screen(client)
    await client.resources.database.fetch("UPDATE payment_methods SET expires_on = NULL WHERE id = $1", row_id(card))
    assert without_message(await top_up(client, 1500, paymentMethodId=card)) == DECLINED
    assert await screen(client) == before
    rows = await client.resources.database.fetch("SELECT failure_code FROM payments ORDER BY id DESC LIMIT 1")
    assert rows[0]["failure_code"] == "EXPIRED_METHOD"


async def test_a_top_up_that_has_to_be_confirmed_is_pending_until_then(client: Client) -> None:
    card, before, resources = await add_card(client, "ana", "tok_confirm"), await screen(client), client.resources
    answer = await top_up(client, 1500, paymentMethodId=card)
    assert answer["payment"]["status"] == "PENDING"
    assert answer["payment"]["confirmation"]["clientSecret"].startswith("secret_")
    assert await screen(client, since=before) == (before.available, 1500, ())
    assert await top_up(client, 1500, paymentMethodId=card) == answer | {"replayed": True}
    await make_due(resources)
    await run_handler(resources, settle_payments)
    assert await screen(client, since=before) == (before.available, 1500, ())
    await sandbox(resources).confirm(await newest_reference(client))
    await make_due(resources)
    await run_handler(resources, settle_payments)
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))
    ended = await top_up(client, 1500, paymentMethodId=card)
    assert (ended["payment"]["status"], ended["payment"]["confirmation"]) == ("SUCCEEDED", None)


async def test_a_top_up_that_is_not_confirmed_in_an_hour_is_cancelled(client: Client) -> None:
    card, before, resources = await add_card(client, "ana", "tok_confirm"), await screen(client), client.resources
    await top_up(client, 1500, paymentMethodId=card)
    await make_due(resources)
    await run_handler(replace(resources, clock=later(resources, hours=1)), settle_payments)
    assert await screen(client) == before
    assert await charges(resources) == [(1500, "CANCELLED")]
    assert without_message(await top_up(client, 1500, paymentMethodId=card)) == DECLINED


async def test_a_provider_that_hangs_leaves_the_top_up_pending_and_the_job_settles_it(client: Client) -> None:
    faults, before = faulty(client.resources), await screen(client)
    faults.before = hanging
    async with no_hang():
        answer = await top_up(client, 1500)
    assert (answer["payment"]["status"], answer["payment"]["confirmation"]) == ("PENDING", None)
    assert await screen(client, since=before) == (before.available, 1500, ())
    assert await charges(client.resources) == []
    faults.before = None
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
    again = await top_up(client, 1500)
    assert (again["payment"]["status"], again["replayed"]) == ("SUCCEEDED", True)


async def test_a_timeout_after_charging_charges_once(client: Client) -> None:
    faults, before = faulty(client.resources), await screen(client)
    faults.after = hanging
    assert (await top_up(client, 1500))["payment"]["status"] == "PENDING"
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
    faults.after = None
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
    assert faults.calls == ["charge", "charge"]


async def test_nothing_is_written_while_the_provider_is_known_not_to_answer(client: Client) -> None:
    faults = faulty(client.resources)
    faults.before = unreachable
    for number in range(5):
        assert (await top_up(client, 100 + number, f"k{number}"))["payment"]["status"] == "PENDING"
    before, events = await snapshot(client.resources), await events_of(client.resources)
    rejected = await top_up(client, 1500)
    assert without_message(rejected) == problem("UnavailableProblem", "UNAVAILABLE", None)
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events
    assert (await top_up(client, 100, "k0"))["replayed"]
    assert await charges(client.resources) == []
