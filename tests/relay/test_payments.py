"""Tests the notifications and the stream events of payments."""

import pytest

from core.global_ids import global_id
from events import (
    Event,
    PaymentChargedBack,
    PaymentFailed,
    PaymentMethodAdded,
    PaymentMethodRemoved,
    PaymentRefunded,
    PaymentStarted,
    PaymentSucceeded,
)
from services.event_log.event_streams import RowKey, StreamEventKind
from tests.payments.support.emitted import changed_payments, emit, top_up_of, transfer_of
from tests.support.app import App, stream_of
from tests.support.client import Client

NOTIFICATIONS = (
    "{ viewer { notifications(first: 20) { edges { node { kind text actorCount actor { handle } "
    "subject { __typename ... on Payment { id kind counterparty { handle } } } } } } } }"
)


@pytest.fixture(autouse=True)
async def empty_inboxes(client: Client) -> None:
    await client.resources.database.fetch("DELETE FROM notifications")


async def told(client: Client, handle: str) -> list[dict[str, object]]:
    viewer = (await client.data(NOTIFICATIONS, as_=handle))["viewer"]
    return [edge["node"] for edge in viewer["notifications"]["edges"]]


async def succeeded(client: Client, sender: str = "ana", recipient: str = "ben") -> tuple[RowKey, PaymentSucceeded]:
    """Returns a seeded transfer and the event of its success."""
    key = await transfer_of(client, sender, recipient)
    party = await client.user_id(recipient)
    event = PaymentSucceeded(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=party)
    return key, event


async def name_of(client: Client, handle: str) -> str:
    return (await client.data("query ($h: String!) { user(handle: $h) { name } }", {"h": handle}))["user"]["name"]


async def test_a_transfer_is_told_to_its_recipient_and_is_in_both_streams(client: Client) -> None:
    key, event = await succeeded(client)
    payment = global_id("Payment", *key)
    before, sender_before = await App(client, "ben").badge(), await App(client, "ana").badge()
    await emit(client, event)
    assert await told(client, "ben") == [
        {
            "kind": "PAYMENT_RECEIVED",
            "text": f"{await name_of(client, 'ana')} sent you a payment.",
            "actorCount": 1,
            "actor": {"handle": "ana"},
            "subject": {
                "__typename": "Payment",
                "id": payment,
                "kind": "TRANSFER",
                "counterparty": {"handle": "ana"},
            },
        }
    ]
    assert await App(client, "ben").badge() == (before[0] + 1, before[1] + 1)
    assert (await told(client, "ana"), await App(client, "ana").badge()) == ([], sender_before)
    assert (await changed_payments(client, "ana"), await changed_payments(client, "ben")) == ([payment], [payment])
    ben = await client.user_id("ben")
    kinds = [entry.kind for entry in await stream_of(client, RowKey(ben, ben))]
    assert sorted(kinds) == [StreamEventKind.NOTIFICATION_RECEIVED, StreamEventKind.PAYMENT_CHANGED]
    assert (await changed_payments(client, "chi"), await told(client, "chi")) == ([], [])


async def test_a_refund_is_told_to_the_party_that_gets_the_money_back(client: Client) -> None:
    key = await transfer_of(client, "ana", "ben")
    back = await transfer_of(client, "ben", "ana")
    ben = await client.user_id("ben")
    await emit(
        client,
        PaymentRefunded(
            actor_id=ben,
            payment_owner_id=key.owner_id,
            payment_id=key.id,
            party_id=ben,
            refund_owner_id=ben,
            refund_id=back.id,
        ),
    )
    (found,) = await told(client, "ana")
    assert (found["kind"], found["text"]) == ("REFUND", f"{await name_of(client, 'ben')} refunded your payment.")
    assert found["subject"] == {
        "__typename": "Payment",
        "id": global_id("Payment", *key),
        "kind": "TRANSFER",
        "counterparty": {"handle": "ben"},
    }
    assert await told(client, "ben") == []
    payment = global_id("Payment", *key)
    assert (await changed_payments(client, "ana"), await changed_payments(client, "ben")) == ([payment], [payment])


async def test_a_refunded_and_a_charged_back_top_up_are_told_without_an_actor(client: Client) -> None:
    owner_id, payment_id = await top_up_of(client, "ana")
    refunded = PaymentRefunded(
        actor_id=owner_id,
        payment_owner_id=owner_id,
        payment_id=payment_id,
        party_id=0,
        refund_owner_id=owner_id,
        refund_id=1,
    )
    charged_back = PaymentChargedBack(actor_id=owner_id, payment_owner_id=owner_id, payment_id=payment_id, refund_id=2)
    await emit(client, refunded)
    await emit(client, charged_back)
    payment = global_id("Payment", owner_id, payment_id)
    found = await told(client, "ana")
    assert [(one["kind"], one["text"], one["actor"]) for one in found] == [
        ("REFUND", "Your payment was refunded.", None)
    ] * 2
    assert {str(one["subject"]) for one in found} == {
        str({"__typename": "Payment", "id": payment, "kind": "TOP_UP", "counterparty": None})
    }
    assert await changed_payments(client, "ana") == [payment, payment]


async def test_a_failed_payment_is_told_to_its_owner_even_if_the_kind_is_turned_off(client: Client) -> None:
    owner_id, payment_id = await top_up_of(client, "ana")
    for kind in ("PAYMENT_FAILED", "REFUND", "PAYMENT_RECEIVED"):
        await client.resources.database.fetch(
            "INSERT INTO channel_preferences (owner_id, kind, in_app, push, email) VALUES ($1, $2, false, true, true) "
            "ON CONFLICT (owner_id, kind) DO UPDATE SET in_app = false",
            owner_id,
            kind,
        )
    _, received = await succeeded(client, "ben", "ana")
    sides = {"actor_id": owner_id, "payment_owner_id": owner_id, "payment_id": payment_id}
    before = await App(client, "ana").badge()
    await emit(
        client, PaymentStarted(**sides, party_id=0), PaymentFailed(**sides, party_id=0), received,
        PaymentChargedBack(**sides, refund_id=1),
    )  # fmt: skip
    (found,) = await told(client, "ana")
    assert (found["kind"], found["text"], found["actor"]) == (
        "PAYMENT_FAILED",
        "Your payment did not go through.",
        None,
    )
    assert await App(client, "ana").badge() == (before[0] + 1, before[1] + 1)
    assert await told(client, "ben") == []


async def test_a_block_hides_the_actor_and_keeps_the_notification(client: Client) -> None:
    _, event = await succeeded(client)
    await App(client, "ben").does("BlockUser", userId=await App(client, "ana").global_id())
    await emit(client, event)
    (found,) = await told(client, "ben")
    assert (found["kind"], found["text"], found["actor"]) == ("PAYMENT_RECEIVED", "Someone sent you a payment.", None)
    assert found["subject"] == {
        "__typename": "Payment",
        "id": global_id("Payment", event.payment_owner_id, event.payment_id),
        "kind": "TRANSFER",
        "counterparty": None,
    }


async def test_of_a_deleted_sender_the_payment_stays_without_a_name(client: Client) -> None:
    key, event = await succeeded(client)
    await client.resources.database.fetch("DELETE FROM users WHERE id = $1", key.owner_id)
    await emit(client, event)
    (found,) = await told(client, "ben")
    assert (found["kind"], found["text"], found["actor"]) == ("PAYMENT_RECEIVED", "Someone sent you a payment.", None)
    assert await changed_payments(client, "ben") == [global_id("Payment", *key)]
    assert await stream_of(client, RowKey(key.owner_id, key.owner_id)) == []


async def test_a_deleted_recipient_gets_nothing(client: Client) -> None:
    key, event = await succeeded(client)
    await client.resources.database.fetch("DELETE FROM users WHERE id = $1", event.party_id)
    await emit(client, event)
    rows = await client.resources.database.fetch("SELECT id FROM notifications WHERE owner_id = $1", event.party_id)
    assert rows == []
    assert await stream_of(client, RowKey(event.party_id, event.party_id)) == []
    assert await changed_payments(client, "ana") == [global_id("Payment", *key)]


async def test_users_who_are_no_party_and_unknown_payments_get_no_stream_event(client: Client) -> None:
    key = await transfer_of(client, "ana", "ben")
    chi = await client.user_id("chi")
    await emit(
        client,
        PaymentFailed(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=chi),
        PaymentStarted(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=1, party_id=0),
    )
    assert await changed_payments(client, "chi") == []
    assert await changed_payments(client, "ana") == [global_id("Payment", *key)]


@pytest.mark.parametrize("event_type", [PaymentMethodAdded, PaymentMethodRemoved])
async def test_cards_are_not_told(client: Client, event_type: type[Event]) -> None:
    ana = await client.user_id("ana")
    await emit(client, event_type(actor_id=ana, method_id=ana))  # pyright: ignore[reportCallIssue] - both have a method
    assert (await told(client, "ana"), await stream_of(client, RowKey(ana, ana))) == ([], [])


async def test_many_changes_of_a_batch_are_one_stream_event_and_one_notification_each(client: Client) -> None:
    key, event = await succeeded(client)
    other, second = await succeeded(client, "chi", "ben")
    await emit(client, event, second)
    assert [one["kind"] for one in await told(client, "ben")] == ["PAYMENT_RECEIVED"] * 2
    assert sorted(await changed_payments(client, "ben")) == sorted(global_id("Payment", *one) for one in (key, other))
