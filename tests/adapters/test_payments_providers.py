"""The payment providers: the sandbox in memory, in a file and as a server, and Stripe's library with a fake."""

from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path

import pytest

from adapters.payments import (
    Card,
    CardRejected,
    ChargeState,
    InvalidToken,
    LineKind,
    PaymentKey,
    ProviderCharge,
    ProviderRefund,
    RefundState,
    RequestRejected,
)
from adapters.payments.sandbox import book
from tests.support.providers import BEGIN, END, PROVIDERS, Case, charge_request, provider_case, refund_request


@pytest.fixture(params=PROVIDERS)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case(request.param, tmp_path) as made:
        yield made


async def lines(case: Case) -> list[tuple[LineKind, str, PaymentKey | None, str | None, int, str]]:
    """Returns the statement in the order of its times, without them."""
    found = [line async for line in case.provider.statement(BEGIN, END)]
    return sorted(line[:6] for line in found)


async def test_a_token_becomes_a_card_and_its_key_gives_the_same_one(case: Case) -> None:
    card = await case.provider.add_card(7, case.tokens["visa"], "key")
    assert card == Card(card.reference, "visa", "4242", date(2039, 12, 31))
    assert await case.provider.add_card(7, case.tokens["visa"], "key") == card
    assert (await case.provider.add_card(7, case.tokens["mastercard"], "other"))[1:3] == ("mastercard", "4444")


async def test_rejected_and_unknown_cards_are_told_apart(case: Case) -> None:
    with pytest.raises(CardRejected):
        await case.provider.add_card(7, case.tokens["rejected"], "a")
    for token in ("tok_nonsense", "4242424242424242", "", "tok_visa'", "pm_unknown"):
        with pytest.raises(InvalidToken):
            await case.provider.add_card(7, token, f"b{token}")


async def test_a_charge_is_made_once_per_payment(case: Case) -> None:
    request = charge_request(await case.card())
    charge = await case.provider.charge(request)
    assert charge == ProviderCharge(charge.reference, ChargeState.SUCCEEDED, 500, "EUR")
    assert await case.provider.charge(request) == charge
    assert await lines(case) == [
        (LineKind.CHARGE, charge.reference, PaymentKey(7, 1), charge.reference, 500, "EUR"),
    ]


async def test_another_request_with_the_same_payment_is_rejected(case: Case) -> None:
    card = await case.card()
    await case.provider.charge(charge_request(card))
    with pytest.raises(RequestRejected):
        await case.provider.charge(charge_request(card, amount=501))
    assert [line[4] for line in await lines(case)] == [500]


@pytest.mark.parametrize(
    ("card", "state"), [("declined", ChargeState.DECLINED), ("expired", ChargeState.EXPIRED_METHOD)]
)
async def test_a_decline_is_a_final_state(case: Case, card: str, state: ChargeState) -> None:
    request = charge_request(await case.card(card))
    charge = await case.provider.charge(request)
    assert charge == ProviderCharge(charge.reference, state, 500, "EUR")
    assert charge.reference
    assert await case.provider.charge(request) == charge
    assert await case.provider.find_charge(request, None) == charge
    assert await case.provider.cancel_charge(charge.reference) == charge
    assert await lines(case) == []


async def test_a_removed_and_an_unknown_card_are_declined(case: Case) -> None:
    card = await case.card()
    await case.provider.remove_card(card)
    await case.provider.remove_card(card)
    await case.provider.remove_card("unknown")
    for payment, method in enumerate([card, "unknown", "", "cus_1/pm_1"], 1):
        assert (await case.provider.charge(charge_request(method, payment=payment))).state is ChargeState.DECLINED
    assert await lines(case) == []


async def test_a_confirmed_charge_succeeds(case: Case) -> None:
    request = charge_request(await case.card("confirm"))
    charge = await case.provider.charge(request)
    assert charge.state is ChargeState.REQUIRES_ACTION
    assert charge.action
    assert charge.action.client_secret
    assert await case.provider.find_charge(request, charge.reference) == charge
    assert await lines(case) == []

    await case.confirm(charge.reference)
    confirmed = ProviderCharge(charge.reference, ChargeState.SUCCEEDED, 500, "EUR")
    assert await case.provider.find_charge(request, None) == confirmed
    assert await case.provider.charge(request) == confirmed, "the charge as it is now"
    assert await case.provider.cancel_charge(charge.reference) == confirmed, "too late"
    assert [line[1] for line in await lines(case)] == [charge.reference]


async def test_a_charge_whose_confirmation_fails_can_never_succeed(case: Case) -> None:
    request = charge_request(await case.card("confirm"))
    charge = await case.provider.charge(request)
    await case.reject(charge.reference)
    declined = ProviderCharge(charge.reference, ChargeState.DECLINED, 500, "EUR")
    assert await case.provider.find_charge(request, charge.reference) == declined
    assert await case.provider.charge(request) == declined
    if case.fake:
        assert case.fake.objects.intents[charge.reference]["status"] == "canceled", "no other card can be charged"
    assert await lines(case) == []


async def test_a_cancelled_charge_is_final(case: Case) -> None:
    request = charge_request(await case.card("confirm"))
    charge = await case.provider.charge(request)
    cancelled = ProviderCharge(charge.reference, ChargeState.CANCELLED, 500, "EUR")
    assert await case.provider.cancel_charge(charge.reference) == cancelled
    assert await case.provider.cancel_charge(charge.reference) == cancelled
    assert await case.provider.find_charge(request, charge.reference) == cancelled
    assert await lines(case) == []


async def test_only_the_charge_of_the_payment_is_found(case: Case) -> None:
    card = await case.card()
    first, second = charge_request(card, payment=1), charge_request(card, amount=700, payment=2)
    assert await case.provider.find_charge(first, None) is None
    await case.provider.charge(first)
    assert await case.provider.find_charge(second, None) is None
    charge = await case.provider.charge(second)
    assert await case.provider.find_charge(second, None) == charge
    assert await case.provider.find_charge(charge_request(card, owner=8), None) is None


async def test_a_refund_is_made_once_per_payment(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card()))).reference
    request = refund_request(charge, amount=200)
    assert await case.provider.find_refund(request, None) is None
    refund = await case.provider.refund(request)
    assert refund == ProviderRefund(refund.reference, RefundState.SUCCEEDED, 200, "EUR")
    assert await case.provider.refund(request) == refund
    assert await case.provider.find_refund(request, None) == refund
    assert await case.provider.find_refund(request, refund.reference) == refund
    with pytest.raises(RequestRejected):
        await case.provider.refund(refund_request(charge, amount=201))
    assert await lines(case) == [
        (LineKind.CHARGE, charge, PaymentKey(7, 1), charge, 500, "EUR"),
        (LineKind.REFUND, refund.reference, PaymentKey(7, 2), charge, 200, "EUR"),
    ]


async def test_refunds_never_exceed_the_charge(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card()))).reference
    assert (await case.provider.refund(refund_request(charge, 300, 2))).state is RefundState.SUCCEEDED
    assert (await case.provider.refund(refund_request(charge, 201, 3))).state is RefundState.FAILED
    assert (await case.provider.refund(refund_request(charge, 200, 4))).state is RefundState.SUCCEEDED
    assert (await case.provider.refund(refund_request(charge, 1, 5))).state is RefundState.FAILED
    assert sorted(line[4] for line in await lines(case) if line[0] is LineKind.REFUND) == [200, 300]


async def test_a_charge_that_did_not_succeed_is_not_refunded(case: Case) -> None:
    declined = await case.provider.charge(charge_request(await case.card("declined")))
    for payment, charge in enumerate([declined.reference, "unknown"], 2):
        assert (await case.provider.refund(refund_request(charge, payment=payment))).state is RefundState.FAILED
    assert await lines(case) == []


async def test_a_slow_refund_is_in_the_statement_once_it_succeeded(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "SLOW_REFUND_SECONDS", 3600)
    charge = (await case.provider.charge(charge_request(await case.card("slow_refund")))).reference
    request = refund_request(charge)
    refund = await case.provider.refund(request)
    assert refund.state is RefundState.PROCESSING
    assert [line[0] for line in await lines(case)] == [LineKind.CHARGE]
    await case.settle_refund(refund.reference)
    assert await case.provider.find_refund(request, None) == refund._replace(state=RefundState.SUCCEEDED)
    assert await case.provider.refund(request) == refund._replace(state=RefundState.SUCCEEDED)
    assert [line[0] for line in await lines(case)] == [LineKind.CHARGE, LineKind.REFUND]


async def test_a_statement_lists_disputes_and_is_bounded_by_time(case: Case) -> None:
    card = await case.card()
    charges = [
        (await case.provider.charge(charge_request(card, 100 + payment, payment))).reference for payment in range(1, 4)
    ]
    await case.dispute(charges[0])
    await case.dispute(charges[1])
    await case.reverse_dispute(charges[1])
    found = await lines(case)
    assert {(line[0], line[3], line[4]) for line in found} == {
        *((LineKind.CHARGE, charge, amount) for charge, amount in zip(charges, (101, 102, 103), strict=True)),
        (LineKind.CHARGEBACK, charges[0], 101),
        (LineKind.CHARGEBACK, charges[1], 102),
        (LineKind.CHARGEBACK_REVERSED, charges[1], 102),
    }
    assert len(found) == 6
    assert [line async for line in case.provider.statement(BEGIN, BEGIN.replace(year=2021))] == []
    assert [line async for line in case.provider.statement(END, END.replace(year=2091))] == []
