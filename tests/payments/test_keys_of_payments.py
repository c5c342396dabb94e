import pytest

from tests.payments.support.wallet_steps import problem, seeded_card, without_message
from tests.support.client import Client
from tests.support.kept import snapshot
from tests.support.payments import money, pay, refund, send, sent_by

REJECTED = problem("InvalidInputProblem", "INVALID_INPUT", "input.idempotencyKey")


@pytest.mark.parametrize("key", ["4242424242424242", "pay-4242 4242 4242 4242"])
async def test_no_key_looks_like_a_card_number(client: Client, key: str) -> None:
    payment, card = await sent_by(client, "ana", "ben", 100), await seeded_card(client, "ana")
    before = await snapshot(client.resources)
    answers = [
        await send(client, "ana", "ben", 100, idempotencyKey=key),
        await refund(client, "ben", payment, 50, idempotencyKey=key),
        await pay(client, "TopUpWallet", "ana", amount=money(100), paymentMethodId=card, idempotencyKey=key),
    ]
    assert [without_message(answer) for answer in answers] == [REJECTED] * 3
    assert await snapshot(client.resources) == before
