"""Inboxes and event streams of both parties after the mutations and webhooks of payments."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from adapters.payments import WebhookKind
from core.global_ids import global_id
from core.settings import Settings
from tests.payments.support.emitted import changed_payments
from tests.payments.support.wallet_steps import add_card, newest_reference, top_up
from tests.payments.support.webhooks import SECRET, deliver, event_of
from tests.support.account import sign_in
from tests.support.app import App
from tests.support.client import Client
from tests.support.payments import payments_of, refund, send, sent_by
from tests.support.relay import drained
from tests.support.settings_screen import delete_account

NOTIFICATIONS = (
    "{ viewer { notifications(first: 20) { edges { node { kind text actor { handle } "
    "subject { ... on Payment { id } } } } } } }"
)


class Told(NamedTuple):
    """A notification: its kind, the handle of its actor, and the id of its payment."""

    kind: str
    actor: str | None
    payment: str | None


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_webhook_secrets=SECRET)


@pytest.fixture(autouse=True)
async def empty_inboxes(client: Client) -> None:
    await drained(client.resources)
    await client.resources.database.fetch("DELETE FROM notifications")
    await client.resources.database.fetch("DELETE FROM stream_entries")


async def told(client: Client, handle: str) -> list[Told]:
    """Projects all events, and returns the notifications of a user."""
    await drained(client.resources)
    viewer = (await client.data(NOTIFICATIONS, as_=handle))["viewer"]
    nodes = [edge["node"] for edge in viewer["notifications"]["edges"]]
    return [
        Told(node["kind"], node["actor"] and node["actor"]["handle"], node["subject"] and node["subject"]["id"])
        for node in nodes
    ]


async def test_a_transfer_is_told_once_however_often_it_is_repeated(client: Client) -> None:
    badge = await App(client, "ben").badge()
    payment = await sent_by(client, "ana", "ben", 100, idempotencyKey="once")
    assert await told(client, "ben") == [Told("PAYMENT_RECEIVED", "ana", payment)]
    for _ in range(2):
        assert await sent_by(client, "ana", "ben", 100, idempotencyKey="once") == payment
    assert await told(client, "ben") == [Told("PAYMENT_RECEIVED", "ana", payment)]
    assert await told(client, "ana") == []
    assert await App(client, "ben").badge() == (badge[0] + 1, badge[1] + 1)
    assert [await changed_payments(client, handle) for handle in ("ana", "ben", "chi")] == [[payment], [payment], []]


async def test_each_refund_of_a_transfer_is_told_to_its_sender(client: Client) -> None:
    payment = await sent_by(client, "ana", "ben", 100)
    refunds = [(await refund(client, "ben", payment, 40))["refund"]["id"] for _ in range(2)]
    assert await told(client, "ana") == [Told("REFUND", "ben", payment)] * 2
    assert await told(client, "ben") == [Told("PAYMENT_RECEIVED", "ana", payment)]
    for handle in ("ana", "ben"):
        assert {*await changed_payments(client, handle)} == {payment, *refunds}


async def test_a_rejected_transfer_is_told_to_no_user(client: Client) -> None:
    assert (await send(client, "ana", "ben", 10**7))["__typename"] != "SendPaymentSuccess"
    assert (await told(client, "ana"), await told(client, "ben")) == ([], [])
    assert (await changed_payments(client, "ana"), await changed_payments(client, "ben")) == ([], [])


async def test_a_top_up_is_in_the_stream_and_a_declined_one_in_the_inbox(client: Client) -> None:
    payment = (await top_up(client, 500, "good"))["payment"]["id"]
    assert (await told(client, "ana"), await changed_payments(client, "ana")) == ([], [payment])
    card = await add_card(client, "ana", "tok_charge_declined")
    for _ in range(2):
        answer = await top_up(client, 500, "declined", paymentMethodId=card)
        assert answer["__typename"] == "PaymentDeclinedProblem"
    (newest, *_) = await payments_of(client, "ana", 1)
    assert await told(client, "ana") == [Told("PAYMENT_FAILED", None, newest["id"])]
    assert (await App(client, "ana").told())[0][1] == "Your payment did not go through."
    assert newest["status"] == "FAILED"
    assert await changed_payments(client, "ana") == [payment, newest["id"]]


async def test_a_refund_to_the_card_is_told_to_its_owner(client: Client) -> None:
    payment = (await top_up(client, 500))["payment"]["id"]
    back = (await refund(client, "ana", payment))["refund"]["id"]
    assert await told(client, "ana") == [Told("REFUND", None, payment)]
    assert (await App(client, "ana").told())[0][1] == "Your payment was refunded."
    assert {*await changed_payments(client, "ana")} == {payment, back}


async def test_a_chargeback_is_told_once_with_both_payments_in_the_stream(client: Client) -> None:
    payment = (await top_up(client, 500))["payment"]["id"]
    event = event_of(WebhookKind.CHARGEBACK, None, await newest_reference(client), amount=500)
    for number in (1, 2):
        assert await deliver(client, event._replace(id=f"evt_{number}")) == 200
    assert await told(client, "ana") == [Told("REFUND", None, payment)]
    (row,) = await client.resources.database.fetch("SELECT owner_id, id FROM payments WHERE cause = 'CHARGEBACK'")
    loss = global_id("Payment", row["owner_id"], row["id"])
    assert {*await changed_payments(client, "ana")} == {payment, loss}


async def test_a_block_after_the_payment_hides_the_sender(client: Client) -> None:
    payment = await sent_by(client, "ana", "ben", 100)
    await App(client, "ben").does("BlockUser", userId=await App(client, "ana").global_id())
    assert await told(client, "ben") == [Told("PAYMENT_RECEIVED", None, payment)]
    (newest, *_) = await payments_of(client, "ben", 1)
    assert (newest["id"], newest["counterparty"]) == (payment, None)


@pytest.mark.parametrize(("deleted", "other"), [("ana", "ben"), ("ben", "ana")])
async def test_the_payment_of_a_deleted_account_has_no_counterparty(client: Client, deleted: str, other: str) -> None:
    payment = await sent_by(client, "ana", "ben", 100)
    await drained(client.resources)
    token = (await sign_in(client, deleted))["accessToken"]
    answer = await delete_account(client, token, f"open-sesame-{deleted}", giveUpBalance=True)
    assert answer["__typename"] == "DeleteAccountSuccess"
    expected = [Told("PAYMENT_RECEIVED", None, payment)] if other == "ben" else []
    assert [one for one in await told(client, other) if one.payment == payment] == expected
    (newest, *_) = await payments_of(client, other, 1)
    assert (newest["id"], newest["counterparty"]) == (payment, None)
