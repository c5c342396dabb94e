"""The meaning of Stripe's answers: states, idempotency keys, declines and customers."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from adapters.payments import ChargeState, ProviderUnavailable, RefundState, RequestRejected
from tests.support.fake_stripe import FakeStripe, Fault
from tests.support.fake_stripe_objects import metadata
from tests.support.providers import Case, charge_request, provider_case, refund_request


@pytest.fixture
async def case(tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case("stripe", tmp_path) as made:
        yield made


@pytest.fixture
def fake(case: Case) -> FakeStripe:
    assert case.fake
    return case.fake


@pytest.mark.parametrize("status", ["requires_capture_method", "expired", "", None])
async def test_an_unknown_status_of_a_charge_is_no_failure(case: Case, fake: FakeStripe, status: str | None) -> None:
    request = charge_request(await case.card("confirm"))
    charge = await case.provider.charge(request)
    fake.objects.intents[charge.reference]["status"] = status
    with pytest.raises(ProviderUnavailable):
        await case.provider.find_charge(request, charge.reference)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("succeeded", RefundState.SUCCEEDED),
        ("failed", RefundState.FAILED),
        ("canceled", RefundState.FAILED),
        ("pending", RefundState.PROCESSING),
        ("requires_action", RefundState.PROCESSING),
        ("a_new_status", RefundState.PROCESSING),
        (None, RefundState.PROCESSING),
    ],
)
async def test_only_failed_and_cancelled_refunds_have_failed(
    case: Case, fake: FakeStripe, status: str | None, state: RefundState
) -> None:
    request = refund_request((await case.provider.charge(charge_request(await case.card()))).reference)
    refund = await case.provider.refund(request)
    fake.objects.refunds[refund.reference]["status"] = status
    assert await case.provider.find_refund(request, refund.reference) == refund._replace(state=state)


async def test_the_reason_of_a_decline_survives_the_cancellation(case: Case, fake: FakeStripe) -> None:
    fake.objects.forgets_errors = True
    request = charge_request(await case.card("expired"))
    for _ in range(2):
        assert (await case.provider.charge(request)).state is ChargeState.EXPIRED_METHOD
    waits = await case.provider.charge(charge_request(await case.card("confirm"), payment=2))
    await case.reject(waits.reference)
    found = await case.provider.find_charge(charge_request(await case.card("confirm"), payment=2), waits.reference)
    assert found
    assert found.state is ChargeState.DECLINED
    assert {each["status"] for each in fake.objects.intents.values()} == {"canceled"}


def stored_error(fake: FakeStripe, path: str, *, is_after: bool) -> None:
    """Makes the next POST to a path be answered with status 500, now and whenever its key is sent again."""
    fake.faults.append(Fault("500", path, is_after=is_after, is_stored=True))


async def test_a_charge_behind_a_stored_error_is_found(case: Case, fake: FakeStripe) -> None:
    request = charge_request(await case.card())
    stored_error(fake, "/v1/payment_intents", is_after=True)
    charge = await case.provider.charge(request)
    assert charge.state is ChargeState.SUCCEEDED
    assert await case.provider.charge(request) == charge
    assert len(fake.objects.intents) == 1
    refund = refund_request(charge.reference, 200)
    stored_error(fake, "/v1/refunds", is_after=True)
    made = await case.provider.refund(refund)
    assert made.state is RefundState.SUCCEEDED
    assert await case.provider.refund(refund) == made
    assert len(fake.objects.refunds) == 1


async def test_a_stored_error_without_a_charge_leaves_the_outcome_unknown(case: Case, fake: FakeStripe) -> None:
    request = charge_request(await case.card())
    stored_error(fake, "/v1/payment_intents", is_after=False)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await case.provider.charge(request)
    charge = await case.provider.charge(charge_request(request.method, payment=3))
    refund = refund_request(charge.reference, 200)
    stored_error(fake, "/v1/refunds", is_after=False)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await case.provider.refund(refund)


async def test_a_key_that_stands_for_another_request_finds_its_charge(case: Case, fake: FakeStripe) -> None:
    request = charge_request(await case.card())
    charge = await case.provider.charge(request)
    refund = await case.provider.refund(refund_request(charge.reference, 200))
    fake.refuses_keys = True
    assert await case.provider.charge(request) == charge
    assert await case.provider.refund(refund_request(charge.reference, 200)) == refund
    with pytest.raises(RequestRejected):
        await case.provider.charge(charge_request(request.method, payment=9))
    with pytest.raises(RequestRejected):
        await case.provider.refund(refund_request(charge.reference, 100, payment=9))


async def customers_of(case: Case, fake: FakeStripe, *tokens: str) -> list[str]:
    """Adds cards of user 7, each on another day, and returns their customers."""
    found: list[str] = []
    for token in tokens:
        fake.forget_keys()
        card = await case.provider.add_card(7, case.tokens[token], f"key-{token}")
        found.append(card.reference.split("/")[0])
    return found


async def test_a_later_card_has_the_customer_of_the_first(case: Case, fake: FakeStripe) -> None:
    foreign: dict[str, Any] = {"metadata[owner_id]": "7", "metadata[shop]": "1"}
    assert metadata(foreign) == {"owner_id": "7", "shop": "1"}
    fake.objects.create_customer(foreign)
    first, second, third = await customers_of(case, fake, "visa", "mastercard", "amex")
    assert first == second == third
    assert len(fake.objects.customers) == 2
    assert (await case.card(owner_id=77)).split("/")[0] != first


async def test_the_oldest_of_several_customers_is_used(case: Case, fake: FakeStripe) -> None:
    made = [fake.objects.create_customer({"metadata[owner_id]": "7"}) for _ in range(3)]
    for number, customer in enumerate(made):
        customer["created"] += 100 if number == 0 else -number
    assert await customers_of(case, fake, "visa") == [made[2]["id"]]


async def test_a_customer_that_the_search_does_not_find_yet_is_that_of_the_key(case: Case, fake: FakeStripe) -> None:
    fake.search_is_behind = True
    first = await case.provider.add_card(7, case.tokens["visa"], "a")
    second = await case.provider.add_card(7, case.tokens["amex"], "b")
    assert first.reference.split("/")[0] == second.reference.split("/")[0]


async def test_an_account_without_the_search_makes_customers(case: Case, fake: FakeStripe) -> None:
    fake.has_search = False
    first = await case.provider.add_card(7, case.tokens["visa"], "a")
    second = await case.provider.add_card(7, case.tokens["amex"], "b")
    assert first.reference.split("/")[0] == second.reference.split("/")[0]
