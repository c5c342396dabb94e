"""Sends webhooks of the sandbox."""

from datetime import datetime
from typing import Any

from httpx2 import Response

from adapters.payments import PaymentKey, WebhookEvent, WebhookKind
from adapters.payments.sandbox.events import write_event
from adapters.payments.signatures import sign
from tests.support.client import Client

SECRET = "whsec_test_0123456789"
PATH = "/webhooks/payments/sandbox"


def event_of(
    kind: WebhookKind, payment: PaymentKey | None = None, charge: str | None = None, **more: Any
) -> WebhookEvent:
    """Returns an event of a payment of 15.00 EUR."""
    facts = (more.get("amount", 1500), "EUR", more.get("dispute"))
    return WebhookEvent(more.get("id", "evt_1"), kind, payment, charge, *facts)


async def post_body(client: Client, body: bytes, signature: str | None, path: str = PATH, **headers: str) -> Response:
    """Posts a body with a signature, or without one."""
    signed = {} if signature is None else {"sandbox-signature": signature}
    return await client.http.post(path, content=body, headers={**signed, **headers})


async def deliver(client: Client, event: WebhookEvent, at: datetime | None = None, secret: str = SECRET) -> int:
    """Sends an event, signed now or at another time, and returns the status."""
    body = write_event(event)
    response = await post_body(client, body, sign(secret, body, at or client.resources.clock()))
    assert response.content == b""
    return response.status_code
