from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.payments import PaymentKey, WebhookKind
from adapters.payments.sandbox.events import write_event
from adapters.payments.signatures import sign
from core.errors import Unavailable
from core.settings import Settings
from events import PaymentChargedBack, PaymentSucceeded
from services.payments import webhooks
from tests.payments.support.wallet_steps import (
    add_card,
    faulty,
    newest_reference,
    row_id,
    sandbox,
    screen,
    top_up,
    unreachable,
)
from tests.payments.support.webhooks import PATH, SECRET, deliver, event_of, post_body
from tests.support.client import Client
from tests.support.kept import events_of, snapshot

OTHER_SECRET = "whsec_rotated_0123456789"
CHANGED, CHARGEBACK = WebhookKind.CHARGE_CHANGED, WebhookKind.CHARGEBACK
REVERSED = WebhookKind.CHARGEBACK_REVERSED


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_webhook_secrets=f"{SECRET},{OTHER_SECRET}")


async def waiting(client: Client) -> PaymentKey:
    """Starts a top-up of 15.00 EUR that has to be confirmed, and confirms it at the provider."""
    card = await add_card(client, "ana", "tok_confirm")
    answer = await top_up(client, 1500, paymentMethodId=card)
    await sandbox(client.resources).confirm(await newest_reference(client))
    return PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))


async def paid(client: Client) -> PaymentKey:
    """Tops up 15.00 EUR."""
    answer = await top_up(client, 1500)
    return PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
@pytest.mark.parametrize("named", [True, False])
async def test_a_webhook_settles_a_payment_once(client: Client, secret: str, *, named: bool) -> None:
    before, key = await screen(client), await waiting(client)
    event = event_of(CHANGED, key if named else None, await newest_reference(client))
    assert await deliver(client, event, secret=secret) == 200
    after = await screen(client, since=before)
    assert after == (before.available + 1500, 0, (1500,))
    facts = {"actor_id": key.owner_id, "payment_owner_id": key.owner_id, "payment_id": key.id, "party_id": 0}
    assert (await events_of(client.resources))[-1] == PaymentSucceeded(**facts)
    stored = await snapshot(client.resources)
    assert [await deliver(client, event) for _ in range(3)] == [200, 200, 200]
    assert await snapshot(client.resources) == stored
    assert await deliver(client, event._replace(id="evt_2")) == 200
    assert await screen(client, since=before) == after
    answer = await client.http.get("/metrics")
    assert answer.status_code in (200, 404)


async def test_an_event_says_nothing_about_the_state_of_a_charge(client: Client) -> None:
    card, before = await add_card(client, "ana", "tok_confirm"), await screen(client)
    answer = await top_up(client, 1500, paymentMethodId=card)
    key = PaymentKey(await client.user_id("ana"), row_id(answer["payment"]["id"]))
    assert await deliver(client, event_of(CHANGED, key, amount=999_999)) == 200
    assert await screen(client, since=before) == (before.available, 1500, ())


async def _rejected(client: Client, body: bytes, headers: Mapping[str, str]) -> None:
    before, events = await snapshot(client.resources), await events_of(client.resources)
    response = await client.http.post(PATH, content=body, headers=headers)
    assert (response.status_code, response.content) == (400, b"")
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def test_webhooks_that_the_provider_did_not_sign_now_are_rejected(client: Client) -> None:
    key, now = await waiting(client), client.resources.clock()
    body = write_event(event_of(CHANGED, key))
    old, early = now - timedelta(seconds=310), now + timedelta(hours=1)
    signatures = [
        "",
        "t=1,v1=00",
        sign("whsec_of_someone_else", body, now),
        sign(SECRET, body, old),
        sign(SECRET, body, early),
        sign(SECRET, body + b" ", now),
        sign(SECRET, body, now).replace("v1=", "v0="),
    ]
    for signature in signatures:
        await _rejected(client, body, {"sandbox-signature": signature})
    await _rejected(client, body, {})
    valid = sign(SECRET, body, now)
    await _rejected(client, body, {"sandbox-signature": valid, "Content-Encoding": "gzip"})
    for text in (b"", b"{}", b"[]", b"\xff" * 100):
        await _rejected(client, text, {"sandbox-signature": sign(SECRET, text, now)})
    recent = client.resources.clock() - timedelta(seconds=240)
    assert (await post_body(client, body, sign(SECRET, body, recent))).status_code == 200


@pytest.mark.parametrize("size", [256 * 1024 + 1, 2 * 1024 * 1024])
async def test_a_webhook_of_more_than_256_kib_is_rejected(client: Client, size: int) -> None:
    before, body = await screen(client), write_event(event_of(CHANGED, await waiting(client)))
    now = client.resources.clock()
    long = body.ljust(size)
    await _rejected(client, long, {"sandbox-signature": sign(SECRET, long, now)})
    longest = body.ljust(256 * 1024)
    assert (await post_body(client, longest, sign(SECRET, longest, now))).status_code == 200
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))


async def test_other_providers_and_methods_do_not_exist(client: Client) -> None:
    body = write_event(event_of(CHANGED, await waiting(client)))
    signature, before = sign(SECRET, body, client.resources.clock()), await snapshot(client.resources)
    for path in ("/webhooks/payments/stripe", "/webhooks/payments/", "/webhooks/payments/sandbox/x"):
        assert (await post_body(client, body, signature, path)).status_code == 404
    assert (await client.http.get(PATH)).status_code == 405
    assert await snapshot(client.resources) == before


async def test_origins_and_cookies_do_not_matter(client: Client) -> None:
    before = await screen(client)
    body = write_event(event_of(CHANGED, await waiting(client)))
    signature = sign(SECRET, body, client.resources.clock())
    sent = {"Origin": "https://example.com", "Content-Type": "text/plain", "Cookie": "a=b", "Sec-Fetch-Mode": "no-cors"}
    assert (await post_body(client, body, signature, **sent)).status_code == 200
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))


@pytest.mark.parametrize("kind", list(WebhookKind))
async def test_events_of_unknown_payments_are_accepted_and_change_nothing(client: Client, kind: WebhookKind) -> None:
    before, events = await snapshot(client.resources), await events_of(client.resources)
    for payment, charge in ((PaymentKey(1, 2), None), (None, "ch_unknown"), (None, None)):
        assert await deliver(client, event_of(kind, payment, charge)) == 200
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def test_the_provider_sends_again_what_could_not_be_settled(client: Client) -> None:
    before, key, faults = await screen(client), await waiting(client), faulty(client.resources)
    faults.before, event = unreachable, event_of(CHANGED, key)
    stored = await snapshot(client.resources)
    assert await deliver(client, event) == 503
    assert await snapshot(client.resources) == stored
    faults.before = None
    assert await deliver(client, event) == 200
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))


async def test_the_provider_sends_again_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, event = await screen(client), event_of(CHANGED, await waiting(client))

    async def away(*_: object) -> None:
        raise Unavailable("The database does not answer. Try again.")

    monkeypatch.setattr(webhooks, "add_provider_event", away)
    assert await deliver(client, event) == 503
    monkeypatch.undo()
    assert await deliver(client, event) == 200
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))


async def test_a_chargeback_is_the_loss_of_the_platform_and_is_told_to_the_owner(client: Client) -> None:
    key = await paid(client)
    before, event = await screen(client), event_of(CHARGEBACK, None, await newest_reference(client))
    assert await deliver(client, event) == 200
    assert await screen(client, since=before) == (before.available, 0, ())
    (row,) = await client.resources.database.fetch("SELECT * FROM payments WHERE id = $1", key.id)
    assert (row["status"], row["refunded_amount"]) == ("REFUNDED", 1500)
    (loss,) = await client.resources.database.fetch("SELECT * FROM payments WHERE cause = 'CHARGEBACK'")
    assert (loss["kind"], loss["status"], loss["amount"], loss["refunds_id"]) == ("REFUND", "SUCCEEDED", 1500, key.id)
    assert await _entries(client, loss["id"]) == [("PLATFORM", -1500), ("PROVIDER", 1500)]
    told = PaymentChargedBack(
        actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, refund_id=loss["id"]
    )
    assert (await events_of(client.resources))[-1] == told
    stored = await snapshot(client.resources)
    assert await deliver(client, event) == 200
    assert await snapshot(client.resources) == stored
    assert await deliver(client, event._replace(id="evt_2")) == 200
    assert len(await client.resources.database.fetch("SELECT id FROM payments WHERE cause = 'CHARGEBACK'")) == 1


async def test_events_of_a_dispute_may_arrive_in_any_order(client: Client) -> None:
    before, key = await screen(client), await waiting(client)
    charge = await newest_reference(client)
    reversal, chargeback = event_of(REVERSED, None, charge, id="evt_r"), event_of(CHARGEBACK, None, charge, id="evt_c")
    assert await deliver(client, reversal) == 503
    assert await deliver(client, chargeback) == 200
    assert await deliver(client, reversal) == 200
    assert await deliver(client, event_of(CHANGED, key)) == 200
    assert [await deliver(client, event) for event in (reversal, chargeback)] == [200, 200]
    assert await screen(client, since=before) == (before.available + 1500, 0, (1500,))
    rows = await client.resources.database.fetch(
        "SELECT account, SUM(amount) AS total FROM ledger_entries WHERE owner_id = $1 AND account = 'PLATFORM' "
        "GROUP BY account",
        key.owner_id,
    )
    assert [int(row["total"]) for row in rows] == [0]


async def test_a_chargeback_of_a_failed_top_up_is_ignored(client: Client) -> None:
    card = await add_card(client, "ana", "tok_charge_declined")
    await top_up(client, 1500, paymentMethodId=card)
    rows = await client.resources.database.fetch("SELECT owner_id, id FROM payments ORDER BY id DESC LIMIT 1")
    assert await deliver(client, event_of(CHARGEBACK, PaymentKey(rows[0]["owner_id"], rows[0]["id"]))) == 200
    assert await client.resources.database.fetch("SELECT id FROM payments WHERE cause IS NOT NULL") == []


async def _entries(client: Client, payment_id: int) -> list[tuple[str, int]]:
    rows = await client.resources.database.fetch(
        "SELECT account, amount FROM ledger_entries WHERE payment_id = $1 ORDER BY account", payment_id
    )
    return [(row["account"], row["amount"]) for row in rows]


async def test_a_charge_that_succeeds_after_its_payment_failed_is_reported(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    card, resources = await add_card(client, "ana", "tok_charge_declined"), client.resources
    await top_up(client, 1500, paymentMethodId=card)
    charge = await newest_reference(client)
    assert await webhooks.receive_webhook(resources, event_of(CHANGED, None, charge)) is webhooks.Received.APPLIED
    moved = "UPDATE charges SET state = 'SUCCEEDED', moved_at = 1"
    await sandbox(resources).ask(lambda book: book.run(moved))
    event, before = event_of(CHANGED, None, charge, id="evt_2"), await screen(client)
    assert await webhooks.receive_webhook(resources, event) is webhooks.Received.CONTRADICTS
    assert await webhooks.receive_webhook(resources, event) is webhooks.Received.DUPLICATE
    (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert error.getMessage() == "the charge of a failed payment has succeeded and has to be refunded"
    assert vars(error)["charge"] == charge
    assert await screen(client) == before
