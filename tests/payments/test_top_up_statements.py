"""The numbers of statements of cards, top-ups and refunds to cards."""

import pytest

from services.payments.open_payments import settle_payments
from tests.payments.support.wallet_steps import act, add_card, make_due, refund, run_handler, seeded_card, top_up
from tests.support.client import Client


def counted(statements: list[str]) -> int:
    """Returns how many statements ran since the last call."""
    count = len(statements)
    statements.clear()
    return count


async def test_each_step_takes_a_fixed_number_of_statements(client: Client, statements: list[str]) -> None:
    await client.token("ana")
    card = await seeded_card(client, "ana")
    counts = dict[str, int]()
    looked_up = 1  # `client.token` finds the user
    statements.clear()
    paid = (await top_up(client, 1000, "first", paymentMethodId=card))["payment"]["id"]
    counts["top-up"] = counted(statements) - looked_up
    await top_up(client, 1000, "first", paymentMethodId=card)
    counts["replayed"] = counted(statements) - looked_up
    await refund(client, paid, 100)
    counts["refund"] = counted(statements) - looked_up
    await act(client, "addPaymentMethod", "ana", providerToken="tok_visa")
    counts["card"] = counted(statements) - looked_up
    assert counts == {"top-up": 22, "replayed": 6, "refund": 21, "card": 7}


@pytest.mark.parametrize("due", [0, 3])
async def test_the_job_reads_only_payments_that_are_due(client: Client, statements: list[str], due: int) -> None:
    card = await add_card(client, "ana", "tok_confirm")
    for number in range(3):
        await top_up(client, 100, f"k{number}", paymentMethodId=card)
    if due:
        await make_due(client.resources)
    statements.clear()
    await run_handler(client.resources, settle_payments)
    assert counted(statements) == 1 + 4 * due, statements
