from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.payments import PaymentKey, WebhookKind
from core.ids import id_at, time_of
from services.event_log.log import LogPosition
from services.jobs import Job, JobKey
from services.payments.differences import count_differences, reconcile_hour, reconcile_payments
from services.payments.reconcile import reconcile
from services.payments.webhooks import receive_webhook
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.payments.support.wallet_steps import (
    add_card,
    newest_reference,
    refund,
    row_id,
    run_handler,
    sandbox,
    top_up,
)
from tests.payments.support.webhooks import event_of
from tests.support.client import Client
from tests.support.ledger import drop_rules

MARGIN = timedelta(hours=1)


async def differences(resources: Resources) -> list[tuple[str, str, str]]:
    """Returns kind, and what provider and ledger have, of each difference of the last hours."""
    now = resources.clock()
    found = [difference async for difference in reconcile(resources, now - MARGIN, now + MARGIN)]
    return sorted((difference.kind.value, difference.at_provider, difference.in_ledger) for difference in found)


async def run_sql(resources: Resources, sql: str, *values: Any) -> None:
    """Changes the sandbox behind the back of the ledger."""
    await sandbox(resources).ask(lambda book: book.run(sql, *values))


async def paid(client: Client, amount: int = 1500, key: str = "k") -> PaymentKey:
    answer = await top_up(client, amount, key)
    return PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))


async def test_a_ledger_like_the_statement_has_no_differences(client: Client) -> None:
    answer = await top_up(client, 1500)
    await refund(client, answer["payment"]["id"], 400)
    declined = await add_card(client, "ana", "tok_charge_declined")
    await top_up(client, 300, "declined", paymentMethodId=declined)
    waiting = await add_card(client, "ana", "tok_confirm")
    await top_up(client, 300, "waiting", paymentMethodId=waiting)
    await paid(client, 700, "charged back")
    charge = await newest_reference(client)
    named = {"dispute": await sandbox(client.resources).dispute(charge), "amount": 700}
    await receive_webhook(client.resources, event_of(WebhookKind.CHARGEBACK, None, charge, **named))
    await sandbox(client.resources).reverse_dispute(charge)
    reversal = event_of(WebhookKind.CHARGEBACK_REVERSED, None, charge, **named, id="evt_2")
    await receive_webhook(client.resources, reversal)
    assert await differences(client.resources) == []


async def test_money_that_the_ledger_does_not_have_is_found(client: Client) -> None:
    await paid(client)
    charge = await newest_reference(client)
    await run_sql(
        client.resources,
        "INSERT INTO charges (reference, owner_id, payment_id, method, amount, currency, state, secret, moved_at) "
        "SELECT 'ch_lost', 7, 8, method, 50, currency, state, 's', moved_at FROM charges",
    )
    await sandbox(client.resources).dispute(charge)
    assert await differences(client.resources) == [
        ("MISSING_IN_LEDGER", "CHARGE EUR 0.50", ""),
        ("MISSING_IN_LEDGER", "CHARGEBACK EUR 15.00", ""),
    ]


async def test_disputes_are_compared_one_by_one(client: Client) -> None:
    await paid(client)
    charge = await newest_reference(client)
    await receive_webhook(client.resources, event_of(WebhookKind.CHARGEBACK, None, charge, dispute="dp_other"))
    named = await sandbox(client.resources).dispute(charge)
    assert await differences(client.resources) == [("MISSING_IN_LEDGER", "CHARGEBACK EUR 15.00", "")]
    event = event_of(WebhookKind.CHARGEBACK, None, charge, dispute=named, amount=1400, id="evt_2")
    await receive_webhook(client.resources, event)
    assert await differences(client.resources) == [("AMOUNT_DIFFERS", "CHARGEBACK EUR 15.00", "CHARGEBACK EUR 14.00")]


async def test_a_second_charge_of_a_payment_is_found(client: Client) -> None:
    await paid(client)
    await client.resources.database.fetch("UPDATE payments SET provider_reference = 'ch_1' WHERE provider IS NOT NULL")
    assert await differences(client.resources) == [("MISSING_IN_LEDGER", "CHARGE EUR 15.00", "")]


async def test_money_that_the_provider_does_not_have_is_found(client: Client) -> None:
    answer = await top_up(client, 1500)
    await refund(client, answer["payment"]["id"], 400)
    await run_sql(client.resources, "DELETE FROM charges")
    await run_sql(client.resources, "DELETE FROM refunds")
    assert await differences(client.resources) == [
        ("MISSING_AT_PROVIDER", "", "PARTIALLY_REFUNDED EUR 15.00"),
        ("MISSING_AT_PROVIDER", "", "SUCCEEDED EUR 4.00"),
    ]


async def test_another_amount_is_found(client: Client) -> None:
    await paid(client)
    await run_sql(client.resources, "UPDATE charges SET amount = 1501")
    assert await differences(client.resources) == [("AMOUNT_DIFFERS", "CHARGE EUR 15.01", "SUCCEEDED EUR 15.00")]


async def test_another_state_is_found(client: Client) -> None:
    declined = await add_card(client, "ana", "tok_charge_declined")
    await top_up(client, 300, paymentMethodId=declined)
    now = client.resources.clock().timestamp()
    await run_sql(client.resources, "UPDATE charges SET state = 'SUCCEEDED', moved_at = ?", now)
    await paid(client, 400, "other")
    await run_sql(client.resources, "UPDATE charges SET state = 'DECLINED', moved_at = NULL WHERE amount = 400")
    assert await differences(client.resources) == [
        ("STATE_DIFFERS", "CHARGE EUR 3.00", "FAILED EUR 3.00"),
        ("STATE_DIFFERS", "DECLINED EUR 4.00", "SUCCEEDED EUR 4.00"),
    ]


async def test_a_charge_that_moved_later_than_its_payment_is_no_difference(client: Client) -> None:
    await paid(client)
    moved = (client.resources.clock() + 2 * MARGIN).timestamp()
    await run_sql(client.resources, "UPDATE charges SET moved_at = ?", moved)
    assert await differences(client.resources) == []


async def test_the_daily_job_counts_differences_until_they_are_resolved(client: Client) -> None:
    resources = client.resources
    await paid(client)
    await run_sql(resources, "UPDATE charges SET amount = 1501")
    since = int((resources.clock() - MARGIN).timestamp() * 1000)
    hour = {"since": since, "until": since + 2 * 3_600_000}
    for _ in range(2):
        await run_handler(resources, reconcile_hour, **hour)
        assert await count_differences(resources.database) == 1
    await run_sql(resources, "UPDATE charges SET amount = 1500")
    await run_handler(resources, reconcile_hour, **hour)
    assert await count_differences(resources.database) == 0


async def test_a_difference_of_a_payment_survives_the_comparison_of_the_next_hour(client: Client) -> None:
    resources, key = client.resources, await paid(client)
    await run_sql(resources, "DELETE FROM charges")
    began = int(time_of(key.id).timestamp() * 1000)
    boundary = began + 1
    written = datetime.fromtimestamp((boundary + 1) / 1000, UTC)
    await drop_rules(resources)
    await resources.database.fetch("UPDATE payments SET created_at = $1 WHERE id = $2", written, key.id)
    await run_handler(resources, reconcile_hour, since=boundary - 3_600_000, until=boundary)
    assert await count_differences(resources.database) == 1
    await run_handler(resources, reconcile_hour, since=boundary, until=boundary + 3_600_000)
    assert await count_differences(resources.database) == 1


async def test_a_day_is_compared_in_hours(client: Client) -> None:
    resources = client.resources
    slot = resources.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    job = Job(JobKey(0, id_at(slot), "reconcile_payments"), LogPosition(0, 0), {}, 1, 0, slot)
    async with unit_of_work(resources) as work:
        await reconcile_payments(work, resources, job)
    rows = await resources.database.fetch("SELECT data FROM jobs WHERE handler = 'reconcile_hour' ORDER BY event_id")
    first, end = slot - timedelta(days=1, hours=1), slot - timedelta(hours=1)
    assert len(rows) == 24
    assert f'"since":{int(first.timestamp() * 1000)}' in rows[0]["data"]
    assert f'"until":{int(end.timestamp() * 1000)}' in rows[-1]["data"]
