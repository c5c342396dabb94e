"""Charges and refunds of other software with the same account of a payment provider."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.payments import ChargeState, ForeignReference
from tests.support.providers import PROVIDERS, Case, charge_request, provider_case, refund_request


@pytest.fixture(params=PROVIDERS)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case(request.param, tmp_path) as made:
        yield made


async def test_the_charge_of_another_payment_is_not_that_of_a_payment(case: Case) -> None:
    card = await case.card()
    mine, other = charge_request(card, payment=1), charge_request(card, payment=2)
    foreign = await case.provider.charge(other)
    with pytest.raises(ForeignReference):
        await case.provider.find_charge(mine, foreign.reference)
    charge = await case.provider.charge(mine)
    with pytest.raises(ForeignReference):
        await case.provider.find_charge(mine, foreign.reference)
    assert await case.provider.find_charge(mine, charge.reference) == charge
    assert await case.provider.find_charge(other, foreign.reference) == foreign


async def test_the_refund_of_another_payment_is_not_that_of_a_payment(case: Case) -> None:
    charge = (await case.provider.charge(charge_request(await case.card()))).reference
    mine, other = refund_request(charge, 200, 2), refund_request(charge, 200, 3)
    foreign = await case.provider.refund(other)
    with pytest.raises(ForeignReference):
        await case.provider.find_refund(mine, foreign.reference)
    refund = await case.provider.refund(mine)
    with pytest.raises(ForeignReference):
        await case.provider.find_refund(mine, foreign.reference)
    assert await case.provider.find_refund(mine, refund.reference) == refund


async def test_the_charge_of_another_customer_is_foreign_although_it_names_the_payment(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        request = charge_request(await case.card())
        foreign = await case.provider.charge(charge_request(await case.card(owner_id=8)))
        with pytest.raises(ForeignReference):
            await case.provider.find_charge(request, foreign.reference)


async def test_a_refund_of_another_charge_is_foreign_although_it_names_the_payment(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        card = await case.card()
        charges = [(await case.provider.charge(charge_request(card, payment=payment))).reference for payment in (1, 2)]
        foreign = await case.provider.refund(refund_request(charges[0], 200, 3))
        with pytest.raises(ForeignReference):
            await case.provider.find_refund(refund_request(charges[1], 200, 3), foreign.reference)


async def test_a_foreign_charge_is_left_alone(tmp_path: Path) -> None:
    """A declined charge of ours is cancelled when it is found."""
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        request = charge_request(await case.card())
        foreign = await case.provider.charge(charge_request(await case.card("confirm"), payment=2))
        await case.reject(foreign.reference)
        with pytest.raises(ForeignReference):
            await case.provider.find_charge(request, foreign.reference)
        assert case.fake.objects.intents[foreign.reference]["status"] == "requires_payment_method"
        assert foreign.state is ChargeState.REQUIRES_ACTION
