from typing import Any

import pytest

from tests.payments.support.wallet_steps import charges, screen, top_up
from tests.support.client import Client


async def test_a_top_up_adds_money_to_the_wallet(client: Client) -> None:
    before = await screen(client)
    answer = await top_up(client, 1500)
    assert (answer["__typename"], answer["payment"]["status"], answer["replayed"]) == (
        "TopUpWalletSuccess",
        "SUCCEEDED",
        False,
    )
    after = await screen(client, since=before)
    assert after == (before.available + 1500, 0, (1500,))
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
    again = await top_up(client, 1500)
    assert again == answer | {"replayed": True}
    assert await screen(client, since=before) == after
    assert await charges(client.resources) == [(1500, "SUCCEEDED")]
