"""A top-up or a refund is interrupted between any two of its steps. Then the job settles it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from adapters.payments import PaymentKey, ProviderCharge
from core.settings import Settings
from events import PaymentFailed, PaymentStarted, PaymentSucceeded
from services.payments import settle, top_up_refunds, top_ups
from services.payments.detaching import detach_card
from services.payments.settlement_job import settle_payments
from tests.payments.support.wallet_steps import (
    Screen,
    act,
    add_card,
    cards,
    charges,
    faulty,
    later,
    make_due,
    refund,
    row_id,
    run_handler,
    sandbox,
    screen,
    top_up,
)
from tests.support.client import Client
from tests.support.kept import events_of
from tests.support.timing import no_hang
from tests.support.world import change

STEPS = ("before the charge", "after the charge", "while it is settled", "after it is settled")
ENDS = (PaymentFailed, PaymentSucceeded)


class Crash(Exception):
    """Ends a step like a process that dies."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_deadline=5.0)


async def crash(*_: object) -> None:
    raise Crash


def crash_at(step: str, client: Client, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Makes the next request end at a step."""
    faults, settling = faulty(client.resources), getattr(module, name)

    async def settle_and_crash(*sent: Any) -> None:
        await settling(*sent)
        raise Crash

    if step == "before the charge":
        faults.before = crash
    elif step == "after the charge":
        faults.after = crash
    elif step == "while it is settled":
        monkeypatch.setattr(settle, "seal", crash)
    else:
        monkeypatch.setattr(module, name, settle_and_crash)


def repair(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes everything work again."""
    monkeypatch.undo()
    provider = client.resources.payments
    faults = provider.provider  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
    faults.before = faults.after = None


@pytest.mark.parametrize("step", STEPS)
async def test_a_top_up_ends_in_one_charge(client: Client, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await screen(client)
    crash_at(step, client, monkeypatch, top_ups, "settle_charge")
    await _crashed(lambda: top_up(client, 1500))
    repair(client, monkeypatch)
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    await _settled_once(client, before, (1500,))
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
    answer = await top_up(client, 1500)
    assert (answer["payment"]["status"], answer["replayed"]) == ("SUCCEEDED", True)


@pytest.mark.parametrize("step", STEPS)
async def test_a_refund_ends_in_one_refund(client: Client, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = (await top_up(client, 1500))["payment"]["id"]
    before = await screen(client)
    crash_at(step, client, monkeypatch, top_up_refunds, "settle_refund")
    await _crashed(lambda: refund(client, paid, 600))
    repair(client, monkeypatch)
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    await _settled_once(client, before, (-600,), payments=2)
    answer = await refund(client, paid, 600)
    assert (answer["refund"]["status"], answer["replayed"]) == ("SUCCEEDED", True)
    assert answer["payment"]["refundedAmount"] == {"minorUnits": "600"}


async def _crashed(request: Callable[[], Awaitable[object]]) -> None:
    with pytest.raises(AssertionError):  # the response is an error
        await request()


async def _settled_once(client: Client, before: Screen, entries: tuple[int, ...], payments: int = 1) -> None:
    assert await screen(client, since=before) == (before.available + sum(entries), 0, entries)
    resources = client.resources
    assert await resources.database.fetch("SELECT * FROM open_payments") == []
    events = [event for event in await events_of(resources) if isinstance(event, (PaymentStarted, *ENDS))]
    assert len(events) == 2 * payments
    assert len([event for event in events if isinstance(event, ENDS)]) == payments


async def test_a_client_that_disconnects_does_not_interrupt_the_settlement(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, begun, continued = await screen(client), asyncio.Event(), asyncio.Event()
    seal = settle.seal

    async def wait_and_seal(*sent: Any) -> bool:
        begun.set()
        await continued.wait()
        return await seal(*sent)

    monkeypatch.setattr(settle, "seal", wait_and_seal)
    request = asyncio.create_task(top_up(client, 1500))
    async with no_hang():
        await begun.wait()
        request.cancel()
        await asyncio.sleep(0)
        continued.set()
        with suppress(asyncio.CancelledError):
            await request
    await _settled_once(client, before, (1500,))


async def test_the_job_and_a_request_settle_a_payment_once(client: Client) -> None:
    before, faults = await screen(client), faulty(client.resources)

    async def settle_meanwhile() -> None:
        faults.after = None
        await make_due(client.resources)
        await asyncio.gather(*(run_handler(client.resources, settle_payments) for _ in range(3)))

    faults.after = settle_meanwhile
    assert (await top_up(client, 1500))["payment"]["status"] == "SUCCEEDED"
    await _settled_once(client, before, (1500,))


async def test_a_sealed_payment_is_not_settled_again(client: Client) -> None:
    card, resources = await add_card(client, "ana", "tok_charge_declined"), client.resources
    await top_up(client, 1500, paymentMethodId=card)
    rows = await resources.database.fetch("SELECT * FROM payments ORDER BY id DESC LIMIT 1")
    key = PaymentKey(rows[0]["owner_id"], rows[0]["id"])
    events = await events_of(resources)
    for state in settle.ChargeState:
        await settle.settle_charge(resources, key, ProviderCharge("ch_other", state, 1500, "EUR"))
    assert await resources.database.fetch("SELECT * FROM payments ORDER BY id DESC LIMIT 1") == rows
    assert await events_of(resources) == events


async def test_a_charge_of_another_amount_is_not_settled(client: Client) -> None:
    card, before = await add_card(client, "ana", "tok_confirm"), await screen(client)
    await top_up(client, 1500, paymentMethodId=card)
    (row,) = await client.resources.database.fetch("SELECT owner_id, payment_id FROM open_payments")
    key = PaymentKey(row["owner_id"], row["payment_id"])
    for amount, currency in ((1400, "EUR"), (1500, "USD")):
        charge = ProviderCharge("ch_other", settle.ChargeState.SUCCEEDED, amount, currency)
        await settle.settle_charge(client.resources, key, charge)
    assert await screen(client, since=before) == (before.available, 1500, ())


@pytest.mark.parametrize("charged", [True, False])
async def test_a_top_up_is_settled_after_its_card_was_removed(client: Client, *, charged: bool) -> None:
    card, before, faults = await add_card(client, "ana", "tok_visa"), await screen(client), faulty(client.resources)
    setattr(faults, "after" if charged else "before", crash)
    await _crashed(lambda: top_up(client, 1500, paymentMethodId=card))
    await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    faults.before = faults.after = None
    assert len(await cards(client)) == 1
    await make_due(client.resources)
    aged = replace(client.resources, clock=later(client.resources, minutes=10))
    await run_handler(aged, settle_payments)
    expected = (before.available + 1500, 0, (1500,)) if charged else (before.available, 0, ())
    assert await screen(client, since=before) == expected
    assert len(await charges(client.resources)) == int(charged)


async def test_a_card_is_not_removed_at_the_provider_before_its_open_payments_are_settled(client: Client) -> None:
    card, before, faults = await add_card(client, "ana", "tok_visa"), await screen(client), faulty(client.resources)
    faults.after = crash
    await _crashed(lambda: top_up(client, 1500, paymentMethodId=card))
    await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    faults.after = None
    await run_handler(client.resources, detach_card, await client.user_id("ana"), method_id=row_id(card))
    assert faults.calls == ["charge"]
    await make_due(client.resources)
    await run_handler(client.resources, settle_payments)
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))
    await run_handler(client.resources, detach_card, await client.user_id("ana"), method_id=row_id(card))
    assert faults.calls == ["charge", "find_charge", "remove_card"]


async def test_another_provider_does_not_settle_an_open_payment(client: Client) -> None:
    before, faults = await screen(client), faulty(client.resources)
    faults.before = crash
    await _crashed(lambda: top_up(client, 1500))
    faults.before = None
    await change(client.resources, "UPDATE payments SET provider = 'stripe' WHERE status = 'PENDING'")
    await make_due(client.resources)
    await run_handler(replace(client.resources, clock=later(client.resources, hours=23)), settle_payments)
    assert await screen(client, since=before) == (before.available, 1500, ())
    assert faults.calls == ["charge"]


async def test_a_payment_that_the_provider_never_received_fails_after_a_day(client: Client) -> None:
    before, faults = await screen(client), faulty(client.resources)
    faults.before = crash
    await _crashed(lambda: top_up(client, 1500))
    faults.before = None
    await make_due(client.resources)
    await run_handler(replace(client.resources, clock=later(client.resources, hours=23)), settle_payments)
    assert await screen(client) == before
    assert faults.calls == ["charge", "find_charge"]
    answer = await top_up(client, 1500)
    assert answer == {
        "__typename": "PaymentDeclinedProblem",
        "code": "PAYMENT_DECLINED",
        "field": None,
        "message": "The payment provider did not respond. No money was moved. Repeat the payment with a new key.",
    }
    assert (await top_up(client, 1500, "new key"))["payment"]["status"] == "SUCCEEDED"


async def test_a_top_up_of_an_account_that_is_deleted_meanwhile_is_settled(client: Client) -> None:
    ana, before, resources = await client.user_id("ana"), await screen(client), client.resources
    card = await add_card(client, "ana", "tok_confirm")
    await top_up(client, 1500, paymentMethodId=card)
    await sandbox(resources).confirm(
        (await resources.database.fetch("SELECT provider_reference FROM payments WHERE provider_reference <> ''"))[0][
            "provider_reference"
        ]
    )
    await change(resources, "DELETE FROM users WHERE id = $1", ana)
    await make_due(resources)
    await run_handler(resources, settle_payments)
    (wallet,) = await resources.database.fetch("SELECT * FROM wallets WHERE owner_id = $1", ana)
    assert (wallet["available"], wallet["pending"]) == (before.available + 1500, 0)
    assert await resources.database.fetch("SELECT * FROM open_payments") == []
