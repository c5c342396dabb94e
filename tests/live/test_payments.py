"""Changes of payments reach both parties over a subscription, and `sync` names them."""

from typing import Any

from core.global_ids import global_id
from events import PaymentFailed, PaymentSucceeded
from services.payments.settlement_job import settle_payments
from tests.payments.support.emitted import emit, top_up_of, transfer_of
from tests.payments.support.wallet_steps import (
    add_card,
    make_due,
    newest_reference,
    run_handler,
    sandbox,
    top_up,
)
from tests.support.app import App
from tests.support.client import Client
from tests.support.followers import SYNC, Following, Subscribed
from tests.support.payments import available, refund, sent_by

WALLET = "{ viewer { wallet { id available { minorUnits currency } } } }"
PAYMENT = "query ($id: ID!) { node(id: $id) { ... on Payment { id status amount { minorUnits currency } } } }"


async def success(client: Client) -> PaymentSucceeded:
    """Returns the event of a seeded transfer from Ana to Ben."""
    owner_id, payment_id = await transfer_of(client, "ana", "ben")
    party = await client.user_id("ben")
    return PaymentSucceeded(actor_id=owner_id, payment_owner_id=owner_id, payment_id=payment_id, party_id=party)


async def payment_event(follower: Subscribed) -> Any:
    """Returns the next event of a payment. Events of notifications may come before it."""
    while (event := await follower.event())["__typename"] != "PaymentChanged":
        assert event["__typename"].startswith("Notification"), event
    return event


async def current(client: Client, handle: str, payment: str) -> dict[str, object]:
    """Returns what a user's `PaymentChanged` should contain."""
    viewer = (await client.data(WALLET, as_=handle))["viewer"]
    node = (await client.data(PAYMENT, {"id": payment}, as_=handle))["node"]
    return {"__typename": "PaymentChanged", "payment": node, "wallet": viewer["wallet"]}


async def test_both_parties_receive_the_payment_and_their_wallet_as_they_are_now(
    following: Following, client: Client
) -> None:
    event = await success(client)
    payment = global_id("Payment", event.payment_owner_id, event.payment_id)
    async with following.viewer("ana") as ana, following.viewer("ben") as ben:
        await emit(client, event)
        sent, received = await payment_event(ana), await payment_event(ben)
    assert sent == await current(client, "ana", payment)
    assert received == await current(client, "ben", payment)
    assert sent["payment"]["status"] == "SUCCEEDED"
    assert sent["wallet"]["id"] != received["wallet"]["id"]


async def test_a_recipient_is_notified_with_the_badge(following: Following, client: Client) -> None:
    event = await success(client)
    unseen, _ = await App(client, "ben").badge()
    async with following.viewer("ben") as ben:
        await emit(client, event)
        events = [await ben.event() for _ in range(2)]
    (notified,) = [one for one in events if one["__typename"] == "NotificationReceived"]
    assert notified["notification"]["kind"] == "PAYMENT_RECEIVED"
    assert notified["counts"]["unseen"] == unseen + 1


async def test_other_users_receive_nothing(following: Following, client: Client) -> None:
    async with following.viewer("chi") as chi:
        await emit(client, await success(client))
        post = await App(client, "chi").publishes("Own")
        await following.project()
        assert (await chi.event())["post"]["id"] == post


async def test_a_missed_payment_comes_when_the_app_returns(following: Following, client: Client) -> None:
    async with following.viewer("ana") as ana:
        await App(client, "ana").publishes("First")
        await following.project()
        await ana.event()
    event = await success(client)
    await emit(client, event)
    async with following.viewer("ana", ana.cursor) as again:
        changed = await payment_event(again)
    assert changed["payment"]["id"] == global_id("Payment", event.payment_owner_id, event.payment_id)


async def test_sync_names_changed_payments_once(client: Client) -> None:
    cursors = {handle: (await client.data(SYNC, as_=handle))["sync"]["cursor"] for handle in ("ana", "ben", "chi")}
    event = await success(client)
    owner_id, failed = await top_up_of(client, "ana")
    await emit(client, event)
    await emit(client, PaymentFailed(actor_id=owner_id, payment_owner_id=owner_id, payment_id=failed, party_id=0))
    await emit(client, event)

    async def changed(handle: str) -> list[str]:
        page = (await client.data(SYNC, {"since": cursors[handle]}, as_=handle))["sync"]
        assert (page["reset"], page["hasMore"]) == (False, False)
        nodes = [change["node"] for change in page["changes"]]
        return [node["id"] for node in nodes if node["__typename"] == "Payment"]

    transfer, top_up = global_id("Payment", owner_id, event.payment_id), global_id("Payment", owner_id, failed)
    assert await changed("ana") == [top_up, transfer]
    assert await changed("ben") == [transfer]
    assert await changed("chi") == []


async def test_a_transfer_arrives_with_the_new_balances(following: Following, client: Client) -> None:
    before = [await available(client, handle) for handle in ("ana", "ben")]
    async with following.viewer("ana") as ana, following.viewer("ben") as ben:
        payment = await sent_by(client, "ana", "ben", 125)
        await following.project()
        events = [await payment_event(ana), await payment_event(ben)]
    assert [event["payment"]["id"] for event in events] == [payment, payment]
    balances = [int(event["wallet"]["available"]["minorUnits"]) for event in events]
    assert balances == [before[0] - 125, before[1] + 125]


async def test_a_top_up_arrives_when_it_begins_and_when_it_has_ended(following: Following, client: Client) -> None:
    card = await add_card(client, "ana", "tok_confirm")
    await following.project()
    before = await available(client, "ana")
    async with following.viewer("ana") as ana:
        await top_up(client, 500, paymentMethodId=card)
        await following.project()
        begun = await payment_event(ana)
        await sandbox(client.resources).confirm(await newest_reference(client))
        await make_due(client.resources)
        await run_handler(client.resources, settle_payments)
        await following.project()
        ended = await payment_event(ana)
    assert [event["payment"]["status"] for event in (begun, ended)] == ["PENDING", "SUCCEEDED"]
    assert [int(event["wallet"]["available"]["minorUnits"]) for event in (begun, ended)] == [before, before + 500]


async def test_a_refund_arrives_as_two_changed_payments(following: Following, client: Client) -> None:
    payment = await sent_by(client, "ana", "ben", 125)
    await following.project()
    async with following.viewer("ana") as ana:
        back = (await refund(client, "ben", payment))["refund"]["id"]
        await following.project()
        changed = [(await payment_event(ana))["payment"] for _ in range(2)]
    assert {one["id"]: one["status"] for one in changed} == {payment: "REFUNDED", back: "SUCCEEDED"}
