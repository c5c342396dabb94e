"""Payment providers that do not answer, answer late, or answer with errors."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from adapters.payments import (
    CardRejected,
    ChargeState,
    LineKind,
    ProviderUnavailable,
    RefundState,
    RequestRejected,
)
from adapters.payments.sandbox.faults import Faults
from core.tracebacks import format_error
from tests.support.fake_stripe import API_KEY, Fault, fake_stripe
from tests.support.providers import BEGIN, END, Case, charge_request, opened_provider, provider_case, refund_request
from tests.support.timing import PASSING, no_hang

WRONG_KEY, CARD = "sk_test_wrong_secret", "cus_1/pm_1"
SERVERS = ["server", "stripe"]


@pytest.fixture(params=SERVERS)
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=SERVERS)
async def impatient(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    """A provider whose deadline a test waits for."""
    async with provider_case(request.param, tmp_path, payments_deadline=PASSING) as made:
        yield made


def fails(case: Case, *faults: Fault) -> None:
    """Makes the next calls fail so, once per fault and attempt. Stripe's library tries twice, but not after 429."""
    if case.fake:
        case.fake.faults.extend(fault for fault in faults for _ in range(1 if fault.kind == "429" else 2))


def lies(case: Case, **faults: float) -> None:
    if case.server:
        case.server.fault_choice.faults = Faults(**faults)


async def kinds(case: Case) -> list[LineKind]:
    return [line.kind async for line in case.provider.statement(BEGIN, END)]


async def test_an_error_of_the_server_leaves_the_outcome_unknown(case: Case) -> None:
    request = charge_request(await case.card())
    for kind in ("500", "429"):
        fails(case, Fault(kind, "/v1/payment_intents"))
        lies(case, error=1)
        with pytest.raises(ProviderUnavailable):
            await case.provider.charge(request)
    lies(case)
    assert await case.provider.find_charge(request, None) is None
    assert (await case.provider.charge(request)).state is ChargeState.SUCCEEDED
    assert await kinds(case) == [LineKind.CHARGE]


async def test_a_charge_whose_answer_was_lost_is_found_by_its_payment(impatient: Case) -> None:
    case = impatient
    request = charge_request(await case.card())
    fails(case, Fault("hang", "/v1/payment_intents", is_after=True))
    lies(case, timeout_after=1, hang_seconds=600)
    async with no_hang():
        with pytest.raises(ProviderUnavailable):
            await case.provider.charge(request)
    lies(case)
    if case.fake:
        case.fake.faults.clear()
    charge = await case.provider.find_charge(request, None)
    assert charge
    assert charge.state is ChargeState.SUCCEEDED
    assert await case.provider.charge(request) == charge
    refund = refund_request(charge.reference)
    fails(case, Fault("hang", "/v1/refunds", is_after=True))
    lies(case, timeout_after=1, hang_seconds=600)
    with pytest.raises(ProviderUnavailable):
        await case.provider.refund(refund)
    lies(case)
    if case.fake:
        case.fake.faults.clear()
    found = await case.provider.find_refund(refund, None)
    assert found
    assert found.state is RefundState.SUCCEEDED
    assert await case.provider.refund(refund) == found
    assert sorted(await kinds(case)) == [LineKind.CHARGE, LineKind.REFUND]


async def test_a_charge_that_never_arrived_is_not_found(impatient: Case) -> None:
    case = impatient
    request = charge_request(await case.card())
    fails(case, Fault("hang", "/v1/payment_intents"))
    lies(case, timeout_before=1, hang_seconds=600)
    with pytest.raises(ProviderUnavailable):
        await case.provider.charge(request)
    lies(case)
    if case.fake:
        case.fake.faults.clear()
    assert await case.provider.find_charge(request, None) is None
    assert await kinds(case) == []


async def test_the_library_repeats_a_call_that_failed_once(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        request = charge_request(await case.card())
        case.fake.faults.append(Fault("500", "/v1/payment_intents", is_after=True))
        charge = await case.provider.charge(request)
        assert charge.state is ChargeState.SUCCEEDED
        assert await kinds(case) == [LineKind.CHARGE]
        sent = [each for each in case.fake.requests if each[:2] == ("POST", "/v1/payment_intents")]
        assert [each[3] for each in sent] == ["charge-7-1"] * 2
        assert sent[0][2] == {
            "amount": "500",
            "currency": "eur",
            "customer": request.method.split("/")[0],
            "payment_method": request.method.split("/")[1],
            "allowed_payment_method_types[0]": "card",
            "confirm": "true",
            "off_session": "false",
            "metadata[owner_id]": "7",
            "metadata[payment_id]": "1",
        }


@pytest.mark.parametrize("url", ["stripe", "sandbox+http"])
async def test_a_server_that_is_not_reached_is_unavailable(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    async with opened_provider(payments_url=f"{url}://{address}", payments_secret=API_KEY) as provider:
        with pytest.raises(ProviderUnavailable):
            await provider.charge(charge_request("cus_1/pm_1"))
        with pytest.raises(ProviderUnavailable):
            await provider.add_card(7, "tok_visa", "key")
        with pytest.raises(ProviderUnavailable):
            await provider.cancel_charge("pi_1")
        with pytest.raises(ProviderUnavailable):
            await provider.refund(refund_request("pi_1"))


async def test_a_wrong_api_key_is_logged_without_any_secret(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING)
    async with (
        fake_stripe() as fake,
        opened_provider(payments_url=f"stripe://{fake.address}", payments_secret=WRONG_KEY) as provider,
    ):
        with pytest.raises(RequestRejected) as caught:
            await provider.charge(charge_request(CARD))
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "Stripe rejects a request")
    assert vars(record).items() >= {"error": "AuthenticationError", "stripe_request": "req_1"}.items()
    printed = f"{caplog.text}{vars(record)}{format_error(caught.value)}{capfd.readouterr()}"
    for secret in (WRONG_KEY, "***cret", CARD):
        assert secret not in printed


async def test_rejected_cards_are_no_outage(case: Case) -> None:
    for number in range(10):
        with pytest.raises(CardRejected):
            await case.provider.add_card(7, case.tokens["rejected"], f"key {number}")
    assert case.provider.is_available


async def test_concurrent_charges_of_one_payment_are_one_charge(case: Case) -> None:
    request = charge_request(await case.card())
    charges = await asyncio.gather(*(case.provider.charge(request) for _ in range(10)))
    assert len(set(charges)) == 1
    assert await kinds(case) == [LineKind.CHARGE]


async def test_the_action_of_a_charge_has_the_page_of_the_bank(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path, payments_return_url="com.example.app://payments") as case:
        charge = await case.provider.charge(charge_request(await case.card("confirm")))
        assert charge.action
        assert charge.action.url == f"https://hooks.stripe.example/{charge.reference}"
    async with provider_case("stripe", tmp_path) as case:
        charge = await case.provider.charge(charge_request(await case.card("confirm")))
        assert charge.action
        assert charge.action.url is None, "the SDK of the app shows the page"


async def test_a_user_has_one_customer_and_foreign_payment_methods_are_invalid(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        cards = [await case.card("visa"), await case.card("mastercard"), await case.card("visa", owner_id=8)]
        customers = [card.split("/")[0] for card in cards]
        assert customers[0] == customers[1] != customers[2]
        owners = [customer["metadata"]["owner_id"] for customer in case.fake.objects.customers.values()]
        assert owners == ["7", "8"]
        assert (await case.provider.charge(charge_request("/".join([customers[2], cards[0].split("/")[1]])))).state is (
            ChargeState.DECLINED
        )
        assert await kinds(case) == []


async def test_a_long_statement_has_every_line_once(tmp_path: Path) -> None:
    async with provider_case("stripe", tmp_path) as case:
        assert case.fake
        card = await case.card()
        customer, method = card.split("/")
        given = {"customer": customer, "payment_method": method, "confirm": "true", "off_session": "false"}
        for number in range(1, 204):
            named = {"metadata[owner_id]": "7", "metadata[payment_id]": str(number)}
            case.fake.objects.create_intent({**given, **named, "amount": str(number), "currency": "eur"})
        amounts = [line.amount async for line in case.provider.statement(BEGIN, END)]
        assert sorted(amounts) == list(range(1, 204))
        assert await case.provider.find_charge(charge_request(card, 1, 1), None), "on the third page"
