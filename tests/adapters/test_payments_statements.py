"""Statements of every payment provider: refunds that come back, disputes, and what is not of ours."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from adapters.payments import LineKind, PaymentKey, RefundState, StatementLine, WebhookEvent, WebhookKind
from tests.support.fake_stripe import FakeStripe
from tests.support.providers import (
    BEGIN,
    END,
    PROVIDERS,
    SECRETS,
    Case,
    charge_request,
    provider_case,
    refund_request,
)


@pytest.fixture(params=PROVIDERS)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case(request.param, tmp_path) as made:
        yield made


async def lines(case: Case) -> list[StatementLine]:
    return [line async for line in case.provider.statement(BEGIN, END)]


async def test_a_refund_that_fails_after_it_succeeded_returns(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card()))).reference
    request = refund_request(charge, 200)
    refund = await case.provider.refund(request)
    assert refund.state is RefundState.SUCCEEDED
    for _ in range(1 if case.fake else 2):
        await case.fail_refund(refund.reference)
    failed = refund._replace(state=RefundState.FAILED)
    assert await case.provider.find_refund(request, refund.reference) == failed
    assert await case.provider.refund(request) == failed
    assert sorted(line[:6] for line in await lines(case)) == [
        (LineKind.CHARGE, charge, PaymentKey(7, 1), charge, 500, "EUR"),
        (LineKind.REFUND, refund.reference, PaymentKey(7, 2), charge, 200, "EUR"),
        (LineKind.REFUND_RETURNED, refund.reference, PaymentKey(7, 2), charge, 200, "EUR"),
    ]
    assert (await case.provider.refund(refund_request(charge, 500, 3))).state is RefundState.SUCCEEDED


async def test_a_refund_that_failed_before_it_succeeded_moved_nothing(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card("slow_refund")))).reference
    refund = await case.provider.refund(refund_request(charge, 200))
    assert refund.state is RefundState.PROCESSING
    await case.fail_refund(refund.reference)
    moved = [(line.kind, line.amount) for line in await lines(case) if line.kind is not LineKind.CHARGE]
    there_and_back = [(LineKind.REFUND, 200), (LineKind.REFUND_RETURNED, 200)]
    assert sorted(moved) == (there_and_back if case.fake else []), "Stripe takes the money when a refund is created"


async def test_the_lines_of_a_dispute_have_its_id(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card()))).reference
    await case.dispute(charge)
    await case.reverse_dispute(charge)
    found = {line.kind: line for line in await lines(case)}
    taken, returned = found[LineKind.CHARGEBACK], found[LineKind.CHARGEBACK_REVERSED]
    assert taken.dispute
    assert (taken.reference, taken.dispute) == (taken.dispute, returned.dispute)
    assert found[LineKind.CHARGE].dispute is None


async def test_disputes_of_a_part_and_those_won_in_part_have_their_amounts(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        charge = (await case.provider.charge(charge_request(await case.card()))).reference
        case.fake.objects.dispute(charge, amount=300, id_="dp_1")
        case.fake.objects.dispute(charge, amount=150, id_="dp_2")
        case.fake.objects.win("dp_1", 120)
        assert sorted((line.kind, line.dispute, line.charge, line.amount) for line in await lines(case)) == [
            (LineKind.CHARGE, None, charge, 500),
            (LineKind.CHARGEBACK, "dp_1", charge, 300),
            (LineKind.CHARGEBACK, "dp_2", charge, 150),
            (LineKind.CHARGEBACK_REVERSED, "dp_1", charge, 120),
        ]


def change(amount: int, currency: str = "eur") -> dict[str, Any]:
    return {"id": "txn_1", "amount": amount, "currency": currency, "fee": 1500, "net": amount - 1500}


@pytest.mark.parametrize(
    ("changes", "taken", "returned"),
    [
        (None, 500, 500),
        ([], 500, 500),
        ([change(-500)], 500, 500),
        ([change(-500), change(500)], 500, 500),
        ([change(-480), change(120)], 480, 120),
        ([change(-540, "usd")], 500, 500),
        ([change(-540, "usd"), change(270, "usd")], 500, 250),
        ([change(-540, "usd"), change(600, "usd")], 500, 500),
        ([change(-3, "usd"), change(1, "usd")], 500, 167),
    ],
)
async def test_events_of_disputes_have_the_amount_that_moved(
    tmp_path: Path, changes: list[dict[str, Any]] | None, taken: int, returned: int
) -> None:
    dispute = {
        "id": "dp_1",
        "amount": 500,
        "currency": "eur",
        "payment_intent": "pi_1",
        "balance_transactions": changes,
    }
    async with provider_case("stripe", tmp_path) as case:
        for kind, name, amount in (
            (WebhookKind.CHARGEBACK, "charge.dispute.funds_withdrawn", taken),
            (WebhookKind.CHARGEBACK_REVERSED, "charge.dispute.funds_reinstated", returned),
        ):
            headers, body = FakeStripe().webhook(name, dispute, SECRETS[0], BEGIN.timestamp())
            expected = WebhookEvent("evt_1", kind, None, "pi_1", amount, "EUR", "dp_1")
            assert case.provider.read_webhook(headers, body, BEGIN) == expected


async def test_adjustments_and_other_movements_that_are_not_of_payments_are_passed_over(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        objects = case.fake.objects
        charge = (await case.provider.charge(charge_request(await case.card()))).reference
        objects.move("adjustment", -40, None)
        objects.move("adjustment", -40, {"id": "tr_1", "object": "transfer"})
        objects.move("adjustment", -40, {"id": "ch_1", "object": "charge", "amount": 40, "currency": "eur"})
        objects.move("payout", -400, {"id": "po_1", "object": "payout"})
        objects.move("stripe_fee", -4, None)
        assert [(line.kind, line.reference) for line in await lines(case)] == [(LineKind.CHARGE, charge)]


async def test_a_refund_that_returns_as_an_adjustment_is_one(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        charge = (await case.provider.charge(charge_request(await case.card()))).reference
        refund = await case.provider.refund(refund_request(charge, 200))
        source = case.fake.objects.refunds[refund.reference]
        case.fake.objects.move("adjustment", 200, source, reporting_category="refund_failure")
        kinds = [line.kind for line in await lines(case) if line.reference == refund.reference]
        assert sorted(kinds) == [LineKind.REFUND, LineKind.REFUND_RETURNED]
