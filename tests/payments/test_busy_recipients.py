"""Users who receive many payments at the same time can change and delete their accounts."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count

from tests.payments.support.wallet_steps import act, add_card
from tests.support.client import Client
from tests.support.payments import money, newcomer, pay, user
from tests.support.settings_screen import delete_account

SENDERS = 8


@asynccontextmanager
async def _paid(client: Client, recipient: str) -> AsyncGenerator[None]:
    """Sends money to a user on many connections, until the block ends."""
    senders = [await newcomer(client, number, 1000) for number in range(1, SENDERS + 1)]
    recipient_id, keys, is_over = await user(client, recipient), count(), asyncio.Event()

    async def send_on(sender: str) -> None:
        while not is_over.is_set():
            sent = {"recipientId": recipient_id, "amount": money(1), "idempotencyKey": f"k{next(keys)}"}
            await pay(client, "SendPayment", sender, **sent)

    tasks = [asyncio.create_task(send_on(sender)) for sender in senders]
    try:
        await asyncio.sleep(0.2)
        yield
    finally:
        is_over.set()
        await asyncio.gather(*tasks)


async def test_a_card_is_removed_while_payments_arrive(client: Client) -> None:
    card = await add_card(client, "ben", "tok_visa")
    async with _paid(client, "ben"):
        answer = await act(client, "removePaymentMethod", "ben", paymentMethodId=card)
    assert answer["__typename"] == "RemovePaymentMethodSuccess"


async def test_an_account_is_deleted_while_payments_arrive(client: Client) -> None:
    token = await client.token("ben")
    async with _paid(client, "ben"):
        answer = await delete_account(client, token, "open-sesame-ben", giveUpBalance=True)
    assert answer["__typename"] == "DeleteAccountSuccess"
