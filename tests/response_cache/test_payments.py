"""Stored responses with payments, wallets and cards are never older than what has happened to them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.payments.support.wallet_steps import act, add_card, refund, top_up
from tests.response_cache.conftest import Explained
from tests.support.client import HOME, Client, operation
from tests.support.relay import drained

Ask = Callable[..., Awaitable[Explained]]

HIT = ("hit", None)
CHANGED = ("miss", "data has changed")
WALLET = operation("payments.graphql", "WalletScreen")
PAYMENT = operation("payments.graphql", "PaymentScreen")
SEND = operation("payments.graphql", "SendPayment")
PARTIES = ("ana", "ben")


class Stored:
    """Reads the screens of users until the responses are stored, and compares them with current ones later."""

    def __init__(self, client: Client, ask: Ask) -> None:
        self._client = client
        self._ask = ask

    async def store(self, handles: tuple[str, ...] = PARTIES, **payment: str) -> None:
        for handle in handles:
            for query, variables in self._screens(payment):
                await self._ask(query, variables, as_=handle)
                assert await self._ask(query, variables, as_=handle) == HIT

    async def outdated(self, handle: str, **payment: str) -> list[bool]:
        """Returns which screens of a user were read anew: home, wallet, and the payment if there is one."""
        explained = [await self._ask(query, variables, as_=handle) for query, variables in self._screens(payment)]
        assert {*explained} <= {HIT, CHANGED}
        return [one == CHANGED for one in explained]

    def _screens(self, payment: dict[str, str]) -> list[tuple[str, Any]]:
        return [(HOME, None), (WALLET, None), *([(PAYMENT, payment)] if payment else [])]


@pytest.fixture
def stored(client: Client, explained: Ask) -> Stored:
    return Stored(client, explained)


async def send(client: Client, sender: str = "ana", recipient: str = "ben", key: str = "s", amount: int = 100) -> str:
    """Sends money and returns the id of the payment."""
    user_id = (await client.data("query ($h: String!) { user(handle: $h) { id } }", {"h": recipient}))["user"]["id"]
    money = {"minorUnits": str(amount), "currency": "EUR"}
    sent = {"recipientId": user_id, "amount": money, "idempotencyKey": key}
    answer = (await client.data(SEND, {"input": sent}, as_=sender))["sendPayment"]
    assert answer["__typename"] == "SendPaymentSuccess", answer
    return answer["payment"]["id"]


async def test_a_transfer_outdates_the_screens_of_both_parties_and_of_no_other(client: Client, stored: Stored) -> None:
    await stored.store((*PARTIES, "chi"))
    payment = await send(client)
    assert await stored.outdated("ana") == [True, True]
    assert await stored.outdated("ben") == [True, True]
    assert await stored.outdated("chi") == [False, False]
    node = (await client.data(PAYMENT, {"id": payment}, as_="ben"))["node"]
    assert (node["direction"], node["counterparty"]["handle"]) == ("IN", "ana")


async def test_a_refund_outdates_the_payment_of_both_parties(client: Client, stored: Stored) -> None:
    payment = await send(client)
    await drained(client.resources)
    await stored.store(id=payment)
    answer = await refund(client, payment, 40, as_="ben")
    assert answer["__typename"] == "RefundPaymentSuccess", answer
    for handle in PARTIES:
        assert await stored.outdated(handle, id=payment) == [True, True, True]
        node = (await client.data(PAYMENT, {"id": payment}, as_=handle))["node"]
        assert (node["status"], node["refundedAmount"]["minorUnits"]) == ("PARTIALLY_REFUNDED", "40")


async def test_a_top_up_and_its_refund_outdate_the_screens_of_the_owner(client: Client, stored: Stored) -> None:
    await stored.store()
    payment = (await top_up(client, 500))["payment"]["id"]
    assert await stored.outdated("ana") == [True, True]
    assert await stored.outdated("ben") == [False, False]
    await stored.store(("ana",), id=payment)
    assert (await refund(client, payment, None))["__typename"] == "RefundPaymentSuccess"
    assert await stored.outdated("ana", id=payment) == [True, True, True]
    assert (await client.data(PAYMENT, {"id": payment}, as_="ana"))["node"]["status"] == "REFUNDED"


async def test_a_declined_top_up_outdates_the_screens_of_the_owner(client: Client, stored: Stored) -> None:
    card = await add_card(client, "ana", "tok_charge_declined")
    await stored.store(("ana",))
    assert (await top_up(client, 500, paymentMethodId=card))["__typename"] == "PaymentDeclinedProblem"
    assert await stored.outdated("ana") == [True, True]


async def test_cards_outdate_the_wallet_of_their_owner(client: Client, stored: Stored) -> None:
    await stored.store()
    card = await add_card(client, "ana", "tok_visa")
    assert await stored.outdated("ana") == [True, True]
    await stored.store(("ana",))
    await act(client, "removePaymentMethod", "ana", paymentMethodId=card)
    assert await stored.outdated("ana") == [True, True]
    assert await stored.outdated("ben") == [False, False]


async def test_the_inbox_of_the_recipient_is_outdated_by_the_relay(client: Client, explained: Ask) -> None:
    inbox = operation("notifications.graphql", "Inbox")
    await send(client)
    await explained(inbox, as_="ben")
    assert await explained(inbox, as_="ben") == HIT
    await drained(client.resources)
    assert await explained(inbox, as_="ben") == CHANGED


async def test_a_rejected_payment_outdates_nothing(client: Client, stored: Stored) -> None:
    await stored.store()
    assert (await top_up(client, 0))["__typename"] == "InvalidInputProblem"
    assert await stored.outdated("ana") == [False, False]
    assert await stored.outdated("ben") == [False, False]
