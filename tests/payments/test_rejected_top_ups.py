from datetime import timedelta
from typing import Any

import pytest

from tests.payments.support.wallet_steps import charges, problem, seeded_card, top_up, without_message
from tests.support.client import Client
from tests.support.kept import events_of, snapshot
from tests.support.world import change

UNITS = problem("InvalidInputProblem", "INVALID_INPUT", "input.amount.minorUnits")
EXPIRED = problem("InvalidInputProblem", "INVALID_INPUT", "input.paymentMethodId")


async def rejects(client: Client, rejection: dict[str, Any], **sent: Any) -> None:
    """Asserts that a top-up is rejected and changes, charges and emits nothing."""
    before, events = await snapshot(client.resources), await events_of(client.resources)
    assert without_message(await top_up(client, sent.pop("units", 100), **sent)) == rejection
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events
    assert await charges(client.resources) == []


@pytest.mark.parametrize("units", ["0", "-1", "-9223372036854775808", "9223372036854775807", "200001"])
async def test_an_amount_outside_of_the_limits_is_rejected(client: Client, units: str) -> None:
    await rejects(client, UNITS, units=units)


@pytest.mark.parametrize("units", ["9223372036854775808", "1.5", "", "ten", "1e3", "\u0661"])
async def test_an_amount_that_is_no_integer_of_64_bits_is_no_input(client: Client, units: str) -> None:
    before, card = await snapshot(client.resources), await seeded_card(client, "ana")
    document = "mutation ($input: TopUpWalletInput!) { topUpWallet(input: $input) { __typename } }"
    amount = {"minorUnits": units, "currency": "EUR"}
    sent = {"amount": amount, "paymentMethodId": card, "idempotencyKey": "k"}
    answer = await client.ask(document, {"input": sent}, as_="ana")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await snapshot(client.resources) == before


async def test_another_currency_than_that_of_the_wallet_is_rejected(client: Client) -> None:
    rejection = problem("InvalidInputProblem", "CURRENCY_MISMATCH", "input.amount.currency")
    await rejects(client, rejection, currency="USD")


async def test_a_card_that_has_expired_is_rejected(client: Client) -> None:
    ana, yesterday = await client.user_id("ana"), client.resources.clock().date() - timedelta(days=1)
    await change(client.resources, "UPDATE payment_methods SET expires_on = $2 WHERE owner_id = $1", ana, yesterday)
    await rejects(client, EXPIRED)


async def test_top_ups_of_a_day_have_a_limit(client: Client) -> None:
    limit = client.resources.settings.max_daily_amounts["EUR"]
    single = client.resources.settings.max_amounts["EUR"]
    left, number = limit, 0
    while left > 0:
        part = min(left, single)
        assert (await top_up(client, part, f"k{number}"))["payment"]["status"] == "SUCCEEDED"
        left, number = left - part, number + 1
    before = await snapshot(client.resources)
    assert without_message(await top_up(client, 1, "last")) == UNITS
    assert await snapshot(client.resources) == before


async def test_a_key_that_was_sent_with_another_amount_is_rejected(client: Client) -> None:
    await top_up(client, 100)
    before = await snapshot(client.resources)
    rejection = problem("IdempotencyProblem", "IDEMPOTENCY_KEY_REUSED", "input.idempotencyKey")
    assert without_message(await top_up(client, 101)) == rejection
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("key", ["", "k" * 101, " k"])
async def test_a_malformed_key_is_rejected(client: Client, key: str) -> None:
    await rejects(client, problem("InvalidInputProblem", "INVALID_INPUT", "input.idempotencyKey"), key=key)


async def test_a_deleted_account_cannot_top_up(client: Client) -> None:
    token, card = await client.token("ana"), await seeded_card(client, "ana")
    ana = await client.user_id("ana")
    await change(client.resources, "DELETE FROM users WHERE id = $1", ana)
    before = await snapshot(client.resources)
    document = "mutation ($input: TopUpWalletInput!) { topUpWallet(input: $input) { __typename } }"
    amount = {"minorUnits": "100", "currency": "EUR"}
    sent = {"amount": amount, "paymentMethodId": card, "idempotencyKey": "k"}
    answer = (await client.post(document, {"input": sent}, token=token)).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await snapshot(client.resources) == before
    assert await charges(client.resources) == []


async def test_anonymous_callers_have_no_cards(client: Client) -> None:
    card = await seeded_card(client, "ana")
    document = "mutation ($input: RemovePaymentMethodInput!) { removePaymentMethod(input: $input) { __typename } }"
    answer = await client.ask(document, {"input": {"paymentMethodId": card}})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
