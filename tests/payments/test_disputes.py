"""Chargebacks by dispute, and events of other software with the same account of the provider."""

from dataclasses import replace

import pytest
from tortoise.exceptions import IntegrityError

from adapters.payments import PaymentKey, WebhookKind
from core.settings import Settings
from tests.payments.support.wallet_steps import add_card, newest_reference, row_id, sandbox, screen, top_up
from tests.payments.support.webhooks import SECRET, deliver, event_of
from tests.support.client import Client
from tests.support.kept import snapshot

CHANGED, CHARGEBACK = WebhookKind.CHARGE_CHANGED, WebhookKind.CHARGEBACK
REVERSED, REFUND_CHANGED = WebhookKind.CHARGEBACK_REVERSED, WebhookKind.REFUND_CHANGED


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_webhook_secrets=SECRET)


async def paid(client: Client, key: str = "k") -> tuple[PaymentKey, str]:
    """Tops up 15.00 EUR, and returns the payment and its charge."""
    answer = await top_up(client, 1500, key)
    payment = PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))
    return payment, await newest_reference(client)


async def moves(client: Client) -> list[tuple[str, str, int]]:
    """Returns cause, dispute and amount of each movement of a dispute."""
    rows = await client.resources.database.fetch(
        "SELECT cause, provider_reference, amount FROM payments WHERE cause IS NOT NULL"
    )
    return sorted((row["cause"], row["provider_reference"], row["amount"]) for row in rows)


async def refunded(client: Client, payment: PaymentKey) -> tuple[str, int]:
    (row,) = await client.resources.database.fetch(
        "SELECT status, refunded_amount FROM payments WHERE owner_id = $1 AND id = $2", *payment
    )
    return row["status"], row["refunded_amount"]


async def test_two_events_of_a_dispute_have_one_effect_and_two_disputes_have_two(client: Client) -> None:
    payment, charge = await paid(client)
    for number in (1, 2):
        event = event_of(CHARGEBACK, None, charge, id=f"evt_{number}", amount=400, dispute="dp_1")
        assert await deliver(client, event) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 400)]
    assert await refunded(client, payment) == ("PARTIALLY_REFUNDED", 400)
    assert await deliver(client, event_of(CHARGEBACK, None, charge, id="evt_3", amount=400, dispute="dp_2")) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 400), ("CHARGEBACK", "dp_2", 400)]
    assert await refunded(client, payment) == ("PARTIALLY_REFUNDED", 800)


async def test_a_second_dispute_of_everything_counts(client: Client) -> None:
    payment, charge = await paid(client)
    for dispute in ("dp_1", "dp_2"):
        assert await deliver(client, event_of(CHARGEBACK, None, charge, id=f"evt_{dispute}", dispute=dispute)) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 1500), ("CHARGEBACK", "dp_2", 1500)]
    assert await refunded(client, payment) == ("REFUNDED", 1500)


async def test_a_dispute_that_is_won_in_part_returns_a_part_once(client: Client) -> None:
    _, charge = await paid(client)
    assert await deliver(client, event_of(CHARGEBACK, None, charge, dispute="dp_1")) == 200
    for number in (1, 2):
        event = event_of(REVERSED, None, charge, id=f"evt_r{number}", amount=600, dispute="dp_1")
        assert await deliver(client, event) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 1500), ("CHARGEBACK_REVERSED", "dp_1", 600)]


async def test_a_reversal_waits_for_the_chargeback_of_its_dispute(client: Client) -> None:
    _, charge = await paid(client)
    assert await deliver(client, event_of(CHARGEBACK, None, charge, dispute="dp_1")) == 200
    stored = await snapshot(client.resources)
    reversal = event_of(REVERSED, None, charge, id="evt_2", dispute="dp_2")
    assert await deliver(client, reversal) == 503
    assert await snapshot(client.resources) == stored
    assert await deliver(client, event_of(CHARGEBACK, None, charge, id="evt_3", dispute="dp_2")) == 200
    assert await deliver(client, reversal) == 200
    assert ("CHARGEBACK_REVERSED", "dp_2", 1500) in await moves(client)


async def test_a_reversal_of_more_than_was_taken_is_ignored(client: Client) -> None:
    _, charge = await paid(client)
    for dispute in ("dp_1", "dp_2"):
        event = event_of(CHARGEBACK, None, charge, id=f"evt_{dispute}", amount=400, dispute=dispute)
        assert await deliver(client, event) == 200
    assert await deliver(client, event_of(REVERSED, None, charge, id="evt_r", amount=401, dispute="dp_1")) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 400), ("CHARGEBACK", "dp_2", 400)]


async def test_the_database_has_each_movement_of_a_dispute_once(client: Client) -> None:
    _, charge = await paid(client)
    for dispute in ("dp_1", "dp_2"):
        assert await deliver(client, event_of(CHARGEBACK, None, charge, id=f"evt_{dispute}", dispute=dispute)) == 200
    with pytest.raises(IntegrityError):
        await client.resources.database.fetch(
            "UPDATE payments SET provider_reference = 'dp_1' WHERE provider_reference = 'dp_2'"
        )


async def test_a_dispute_of_another_payment_is_ignored(client: Client) -> None:
    (one, first), (other, second) = await paid(client), await paid(client, "l")
    assert await deliver(client, event_of(CHARGEBACK, None, first, id="evt_1", amount=400, dispute="dp_1")) == 200
    for number, kind in enumerate((CHARGEBACK, REVERSED), 2):
        event = event_of(kind, None, second, id=f"evt_{number}", amount=400, dispute="dp_1")
        assert await deliver(client, event) == 200
    assert await moves(client) == [("CHARGEBACK", "dp_1", 400)]
    assert await refunded(client, one) == ("PARTIALLY_REFUNDED", 400)
    assert await refunded(client, other) == ("SUCCEEDED", 0)


async def test_a_chargeback_belongs_to_its_charge_and_not_to_what_it_names(client: Client) -> None:
    (first, _), (second, charge) = await paid(client), await paid(client, "other")
    assert await deliver(client, event_of(CHARGEBACK, first, charge, dispute="dp_1")) == 200
    assert await refunded(client, first) == ("SUCCEEDED", 0)
    assert await refunded(client, second) == ("REFUNDED", 1500)


async def test_an_event_of_a_foreign_charge_that_names_a_payment_changes_nothing(client: Client) -> None:
    payment, _ = await paid(client)
    stored = await snapshot(client.resources)
    for kind in (CHARGEBACK, REVERSED, CHANGED, REFUND_CHANGED):
        event = event_of(kind, payment, "ch_foreign", id=f"evt_{kind}", dispute="dp_1")
        assert await deliver(client, event) == 200
    assert await snapshot(client.resources) == stored


async def test_a_foreign_charge_does_not_settle_a_top_up_that_it_names(client: Client) -> None:
    """Its amount is right, and the charge of the top-up is not known yet, because its answer was lost."""
    card, before = await add_card(client, "ana", "tok_confirm"), await screen(client)
    answer = await top_up(client, 1500, paymentMethodId=card)
    payment = PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))
    charge = await newest_reference(client)
    await client.resources.database.fetch("UPDATE payments SET provider_reference = NULL WHERE id = $1", payment.id)
    await client.resources.database.fetch("DELETE FROM provider_payments WHERE reference = $1", charge)
    _, foreign = await paid(client, "foreign")
    await client.resources.database.fetch("DELETE FROM provider_payments WHERE reference = $1", foreign)
    after = await screen(client, since=before)
    assert (after.available, after.pending) == (before.available + 1500, 1500)
    for kind in (CHANGED, REFUND_CHANGED, CHARGEBACK):
        assert await deliver(client, event_of(kind, payment, foreign, id=f"evt_{kind}", dispute="dp_1")) == 200
    assert await screen(client, since=before) == after
    assert await moves(client) == []
    await sandbox(client.resources).confirm(charge)
    assert await deliver(client, event_of(CHANGED, payment, charge, id="evt_real")) == 200
    assert await refunded(client, payment) == ("SUCCEEDED", 0)
