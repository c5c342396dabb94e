import asyncio
from dataclasses import replace
from typing import Any

import pytest

from core.global_ids import global_id
from events import AccountErased, PaymentMethodAdded, PaymentMethodRemoved
from services.payments.detaching import detach_card
from tests.payments.support.wallet_steps import (
    act,
    add_card,
    cards,
    faulty,
    problem,
    row_id,
    run_handler,
    sandbox,
    seeded_card,
    top_up,
    unreachable,
    without_message,
)
from tests.support.account import sign_in
from tests.support.client import Client
from tests.support.jobs import rows, run_due
from tests.support.kept import events_of, snapshot
from tests.support.relay import drained
from tests.support.settings_screen import delete_account, everything_done
from workers.handlers import HANDLERS

TOKEN = "input.providerToken"
INVALID = problem("InvalidInputProblem", "INVALID_INPUT", TOKEN)
MISSING = problem("NotFoundProblem", "NOT_FOUND", "input.paymentMethodId")


async def test_a_card_is_added_once_per_token(client: Client) -> None:
    seeded, ana = (await cards(client))[0], await client.user_id("ana")
    answer = await act(client, "addPaymentMethod", "ana", providerToken="tok_mastercard")
    card = answer["paymentMethod"]
    assert answer == {
        "__typename": "AddPaymentMethodSuccess",
        "paymentMethod": {"id": card["id"], "brand": "mastercard", "lastFour": "4444", "isDefault": False},
    }
    assert await cards(client) == [card, seeded]
    assert (await events_of(client.resources))[-1] == PaymentMethodAdded(actor_id=ana, method_id=row_id(card["id"]))
    before = await snapshot(client.resources)
    assert await act(client, "addPaymentMethod", "ana", providerToken="tok_mastercard") == answer
    assert await snapshot(client.resources) == before


async def test_concurrent_requests_add_one_card(client: Client) -> None:
    sent = [act(client, "addPaymentMethod", "ana", providerToken="tok_visa") for _ in range(8)]
    assert len({answer["paymentMethod"]["id"] for answer in await asyncio.gather(*sent)}) == 1
    assert len(await cards(client)) == 2


async def test_one_card_is_the_default(client: Client) -> None:
    seeded = await seeded_card(client, "ana")
    first = await add_card(client, "ana", "tok_visa", makeDefault=True)
    second = await add_card(client, "ana", "tok_amex")
    assert [(card["id"], card["isDefault"]) for card in await cards(client)] == [
        (second, False),
        (first, True),
        (seeded, False),
    ]
    assert await add_card(client, "ana", "tok_amex", makeDefault=True) == second
    assert [card["isDefault"] for card in await cards(client)] == [True, False, False]
    await act(client, "removePaymentMethod", "ana", paymentMethodId=second)
    assert [(card["id"], card["isDefault"]) for card in await cards(client)] == [(first, True), (seeded, False)]
    await act(client, "removePaymentMethod", "ana", paymentMethodId=first)
    await act(client, "removePaymentMethod", "ana", paymentMethodId=seeded)
    assert await cards(client) == []
    only = await add_card(client, "ana", "tok_amex")
    assert [(card["id"], card["isDefault"]) for card in await cards(client)] == [(only, True)]
    assert only != second


@pytest.mark.parametrize(
    ("token", "rejection"),
    [
        ("", INVALID),
        ("tok_unknown", INVALID),
        ("tok visa", INVALID),
        ("t" * 201, INVALID),
        ("4242424242424242", INVALID),
        ("tok_4242-4242-4242-4242", INVALID),
        ("\u0664\u0662\u0664\u0662" * 4, INVALID),
        ("tok_rejected", problem("PaymentDeclinedProblem", "PAYMENT_DECLINED", TOKEN)),
    ],
)
async def test_a_token_that_is_not_accepted_adds_no_card(client: Client, token: str, rejection: dict[str, Any]) -> None:
    before, events = await snapshot(client.resources), await events_of(client.resources)
    assert without_message(await act(client, "addPaymentMethod", "ana", providerToken=token)) == rejection
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def test_no_card_is_added_while_the_provider_does_not_answer(client: Client) -> None:
    provider, before = client.resources.payments, await snapshot(client.resources)
    for _ in range(20):
        provider.breaker.record_failure(is_trial=False)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    answer = await act(client, "addPaymentMethod", "ana", providerToken="tok_visa")
    assert without_message(answer) == problem("UnavailableProblem", "UNAVAILABLE", None)
    assert await snapshot(client.resources) == before


async def test_a_user_has_twenty_cards_at_most(client: Client) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    for number in range(19):
        await resources.database.fetch(
            "INSERT INTO payment_methods (owner_id, id, provider_reference, brand, last_four, is_default, created_at) "
            "VALUES ($1, $2, $3, 'visa', '4242', false, $4)",
            ana, resources.ids.next(), f"pm_seed_{9000 + number}", resources.clock(),
        )  # fmt: skip
    answer = await act(client, "addPaymentMethod", "ana", providerToken="tok_visa")
    assert without_message(answer) == INVALID
    assert len(await cards(client)) == 20
    await _do_jobs(client)
    assert await _removed_at_provider(client) == [1]


async def test_a_removed_card_is_removed_at_the_provider(client: Client) -> None:
    card, ana = await add_card(client, "ana", "tok_visa"), await client.user_id("ana")
    answer = await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    assert answer == {"__typename": "RemovePaymentMethodSuccess", "paymentMethodId": card}
    assert (await events_of(client.resources))[-1] == PaymentMethodRemoved(actor_id=ana, method_id=row_id(card))
    assert len(await cards(client)) == 1
    before = await snapshot(client.resources)
    assert await act(client, "removePaymentMethod", "ana", paymentMethodId=card) == answer
    assert await snapshot(client.resources) == before
    assert without_message(await top_up(client, 100, paymentMethodId=card)) == MISSING
    await _do_jobs(client)
    assert await _removed_at_provider(client) == [1]


async def test_a_provider_that_does_not_answer_delays_the_removal(client: Client) -> None:
    card = await add_card(client, "ana", "tok_visa")
    await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    faults = faulty(client.resources)
    faults.before = unreachable
    await drained(client.resources)
    at_last_attempt = replace(client.resources, settings=replace(client.resources.settings, job_attempts=1))
    for _ in range(2):
        await client.resources.database.fetch("UPDATE jobs SET due_at = $1", client.resources.clock())
        await run_due(at_last_attempt, HANDLERS)
    assert [(job["handler"], job["attempts"]) for job in await rows(client.resources, "jobs")] == [("detach_card", 0)]
    assert await rows(client.resources, "dead_jobs") == []
    assert await _removed_at_provider(client) == [0]
    faults.before = None
    await client.resources.database.fetch("UPDATE jobs SET due_at = $1", client.resources.clock())
    await run_due(client.resources, HANDLERS)
    assert await _removed_at_provider(client) == [1]
    assert faults.calls == ["remove_card"] * 3
    await run_handler(client.resources, detach_card, method_id=row_id(card))
    assert len(faults.calls) == 3


async def test_cards_of_an_erased_account_are_removed_at_the_provider(client: Client) -> None:
    ana, faults = await client.user_id("ana"), faulty(client.resources)
    await add_card(client, "ana", "tok_visa")
    token = (await sign_in(client, "ana"))["accessToken"]
    faults.before = unreachable
    password = "open-sesame-ana"
    answer = await delete_account(client, token, password, giveUpBalance=True)
    assert answer["__typename"] == "DeleteAccountSuccess"
    for _ in range(3):
        await _do_jobs(client)
        await client.resources.database.fetch("UPDATE jobs SET due_at = $1", client.resources.clock())
    assert len(await client.resources.database.fetch("SELECT id FROM payment_methods WHERE owner_id = $1", ana)) == 2
    assert AccountErased(actor_id=ana) not in await events_of(client.resources)
    faults.before = None
    await everything_done(client.resources)
    assert await _removed_at_provider(client) == [1]
    assert await client.resources.database.fetch("SELECT id FROM payment_methods WHERE owner_id = $1", ana) == []
    assert AccountErased(actor_id=ana) in await events_of(client.resources)


async def test_foreign_and_unknown_cards_look_the_same(client: Client) -> None:
    ana, foreign = await client.user_id("ana"), await seeded_card(client, "ben")
    unknown = global_id("PaymentMethod", ana, client.resources.ids.next())
    before, events = await snapshot(client.resources), await events_of(client.resources)
    for method in (foreign, unknown):
        rejected = await act(client, "removePaymentMethod", "ana", paymentMethodId=method)
        assert without_message(rejected) == MISSING
        assert without_message(await top_up(client, 100, paymentMethodId=method)) == MISSING
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def _do_jobs(client: Client) -> None:
    await drained(client.resources)
    await run_due(client.resources, HANDLERS)


async def _removed_at_provider(client: Client) -> list[int]:
    return await sandbox(client.resources).ask(
        lambda book: [row["removed"] for row in book.rows("SELECT removed FROM cards ORDER BY rowid")]
    )


async def test_a_card_that_was_added_again_stays_at_the_provider(client: Client) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    removed = await add_card(client, "ana", "tok_visa")
    await act(client, "removePaymentMethod", "ana", paymentMethodId=removed)
    added = await add_card(client, "ana", "tok_amex")
    # At Stripe, a card that was not detached yet has the same reference again.
    same = "(SELECT provider_reference FROM payment_methods WHERE owner_id = $1 AND id = $2)"
    sql = f"UPDATE payment_methods SET provider_reference = {same} WHERE owner_id = $1 AND id = $3"
    await resources.database.fetch(sql, ana, row_id(removed), row_id(added))
    await _do_jobs(client)
    assert await _removed_at_provider(client) == [0, 0]
    rows = await resources.database.fetch("SELECT id FROM payment_methods WHERE provider_reference = ''")
    assert rows == [{"id": row_id(removed)}]
    assert (await top_up(client, 100, paymentMethodId=added))["payment"]["status"] == "SUCCEEDED"


async def test_a_card_waits_for_open_payments_of_its_other_rows(client: Client) -> None:
    resources, ana = client.resources, await client.user_id("ana")
    charged, other = await add_card(client, "ana", "tok_confirm"), await add_card(client, "ana", "tok_visa")
    await top_up(client, 100, paymentMethodId=charged)
    same = "(SELECT provider_reference FROM payment_methods WHERE owner_id = $1 AND id = $2)"
    sql = f"UPDATE payment_methods SET provider_reference = {same} WHERE owner_id = $1 AND id = $3"
    await resources.database.fetch(sql, ana, row_id(charged), row_id(other))
    for card in (charged, other):
        await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    await _do_jobs(client)
    assert await _removed_at_provider(client) == [0, 0]
