"""Webhooks of every payment provider: only a body that is signed now with one of our secrets is an event."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from adapters.payments import InvalidWebhook, PaymentKey, WebhookEvent, WebhookKind
from adapters.payments.signatures import MAX_BODY_BYTES, sign
from tests.support.fake_stripe import FakeStripe
from tests.support.providers import SECRETS, Case, provider_case

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
EVENT = WebhookEvent("evt_1", WebhookKind.CHARGE_CHANGED, PaymentKey(7, 1), "ch_1", 500, "EUR")


@pytest.fixture(params=["memory", "server", "stripe"])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Case]:
    async with provider_case(request.param, tmp_path) as made:
        yield made


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("age", [-300, 0, 300])
async def test_each_secret_signs_within_five_minutes(case: Case, secret: str, age: int) -> None:
    headers, body = case.signed(secret, NOW - timedelta(seconds=age))
    assert case.provider.read_webhook(headers, body, NOW) == EVENT
    assert case.provider.read_webhook(Headers(headers), body, NOW) == EVENT


@pytest.mark.parametrize("age", [-301, 301, 10**9, -(10**9)])
async def test_an_old_signature_and_one_from_the_future_are_rejected(case: Case, age: int) -> None:
    headers, body = case.signed(SECRETS[0], NOW - timedelta(seconds=age))
    with pytest.raises(InvalidWebhook):
        case.provider.read_webhook(headers, body, NOW)


async def test_a_foreign_secret_is_rejected(case: Case) -> None:
    for secret in ("whsec_a_foreign_secret", "", SECRETS[0][:-1], ",".join(SECRETS)):
        headers, body = case.signed(secret, NOW)
        with pytest.raises(InvalidWebhook):
            case.provider.read_webhook(headers, body, NOW)


async def test_a_body_that_was_changed_is_rejected(case: Case) -> None:
    headers, body = case.signed(SECRETS[0], NOW)
    for changed in (body.replace(b"500", b"501"), body + b" ", b"", body[:-1], b"\xff" + body):
        with pytest.raises(InvalidWebhook):
            case.provider.read_webhook(headers, changed, NOW)


async def test_a_missing_repeated_or_malformed_signature_is_rejected(case: Case) -> None:
    headers, body = case.signed(SECRETS[0], NOW)
    ((name, value),) = headers.items()
    time, signature = value.split(",")[:2]
    for wrong in (
        "", "t=", "nonsense", time, signature, f"t=1,{value}", f"{value},{time}", f"t=soon,{signature}",
        f"t=-1,{signature}", f"t=1e9,{signature}", f"{time},v0={signature[3:]}", f"{time},v1=", f"{time},v1=é",
        f"t=٣,{signature}", f"t={'9' * 400},{signature}", value + "," + "v1=0" * 5000,
    ):  # fmt: skip
        with pytest.raises(InvalidWebhook):
            case.provider.read_webhook({name: wrong}, body, NOW)
    for missing in (Headers(raw=[(name.encode(), value.encode())] * 2), {}, {"authorization": value}):
        with pytest.raises(InvalidWebhook):
            case.provider.read_webhook(missing, body, NOW)
    several = {name: f"{time},v1={'0' * 64},{signature}"}
    assert case.provider.read_webhook(several, body, NOW) == EVENT, "one signature per secret of the provider"


async def test_a_signed_body_that_is_no_event_or_too_long_is_rejected(case: Case) -> None:
    ((name, _),) = case.signed(SECRETS[0], NOW)[0].items()
    huge = b'{"id": "evt_1", "type": "payout.paid", "more": "' + b"x" * MAX_BODY_BYTES + b'"}'
    wrong = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": 1}}}'
    for body in (b"", b"text", b"[]", b"{}", b"null", b'{"id": 1, "type": 2}', b"\xff\xfe", b"[" * 1000, wrong, huge):
        with pytest.raises(InvalidWebhook):
            case.provider.read_webhook({name: sign(SECRETS[0], body, NOW)}, body, NOW)


async def test_without_secrets_no_webhook_is_valid(tmp_path: Path) -> None:
    for kind in ("memory", "stripe"):
        async with provider_case(kind, tmp_path, payments_webhook_secrets="") as case:
            headers, body = case.signed("", NOW)
            with pytest.raises(InvalidWebhook):
                case.provider.read_webhook(headers, body, NOW)


METADATA = {"owner_id": "7", "payment_id": "9"}
DISPUTE: dict[str, Any] = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 500,
    "currency": "eur",
    "payment_intent": "pi_1",
    "metadata": {},
}
REFUND: dict[str, Any] = {
    "id": "re_1",
    "amount": 200,
    "currency": "eur",
    "payment_intent": "pi_1",
    "metadata": METADATA,
}
INTENT: dict[str, Any] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 500,
    "currency": "jpy",
    "metadata": METADATA,
}


@pytest.mark.parametrize(
    ("kind", "about", "expected"),
    [
        ("payment_intent.canceled", INTENT, (WebhookKind.CHARGE_CHANGED, PaymentKey(7, 9), "pi_1", 500, "JPY")),
        ("refund.updated", REFUND, (WebhookKind.REFUND_CHANGED, PaymentKey(7, 9), "pi_1", 200, "EUR")),
        ("refund.failed", REFUND, (WebhookKind.REFUND_CHANGED, PaymentKey(7, 9), "pi_1", 200, "EUR")),
        ("charge.dispute.funds_withdrawn", DISPUTE, (WebhookKind.CHARGEBACK, None, "pi_1", 500, "EUR", "dp_1")),
        (
            "charge.dispute.funds_reinstated",
            DISPUTE,
            (WebhookKind.CHARGEBACK_REVERSED, None, "pi_1", 500, "EUR", "dp_1"),
        ),
        ("charge.dispute.created", DISPUTE, (WebhookKind.OTHER, None, None, 0, "")),
        ("payout.paid", {"id": "po_1"}, (WebhookKind.OTHER, None, None, 0, "")),
        *(
            (
                "payment_intent.succeeded",
                {**INTENT, "metadata": metadata},
                (WebhookKind.CHARGE_CHANGED, None, "pi_1", 500, "JPY"),
            )
            for metadata in (None, {}, {**METADATA, "owner_id": "x"}, {**METADATA, "payment_id": "9" * 19})
        ),
    ],
)
async def test_events_of_stripe_are_read(
    tmp_path: Path, kind: str, about: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    headers, body = FakeStripe().webhook(kind, about, SECRETS[0], NOW.timestamp())
    async with provider_case("stripe", tmp_path) as case:
        assert case.provider.read_webhook(headers, body, NOW) == WebhookEvent("evt_1", *expected)
