"""The number of statements of the job that settles payments."""

import pytest

from services.payments.settlement_job import settle_payments
from tests.payments.support.wallet_steps import add_card, make_due, run_handler, top_up
from tests.support.client import Client


@pytest.mark.parametrize("due", [0, 3])
async def test_the_job_reads_only_payments_that_are_due(client: Client, statements: list[str], due: int) -> None:
    card = await add_card(client, "ana", "tok_confirm")
    for number in range(3):
        await top_up(client, 100, f"k{number}", paymentMethodId=card)
    if due:
        await make_due(client.resources)
    statements.clear()
    await run_handler(client.resources, settle_payments)
    assert len(statements) == 1 + 4 * due, statements
