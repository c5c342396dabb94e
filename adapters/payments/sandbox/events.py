"""The events that the sandbox sends as webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from adapters.payments.base import InvalidWebhook, WebhookEvent
from adapters.payments.signatures import only_header, verify

SIGNATURE_HEADER = "sandbox-signature"

_decoder = msgspec.json.Decoder(WebhookEvent)


def write_event(event: WebhookEvent) -> bytes:
    """Returns the body of an event: its fields in their order."""
    return msgspec.json.encode(event)


def read_event(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
    """Returns the event of a signed body. Raises `InvalidWebhook`."""
    verify(secrets, only_header(headers, SIGNATURE_HEADER), body, now)
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise InvalidWebhook("the body is no event") from error
