"""Signatures of webhooks in Stripe's scheme: `t=SECONDS,v1=HMAC_SHA256(secret, "SECONDS.BODY")`."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.payments.base import InvalidWebhook

TOLERANCE_SECONDS = 300
"""Maximum difference between the time of a signature and ours."""

MAX_BODY_BYTES = 262_144
"""Maximum length of the body of a webhook."""

_MAX_HEADER = 4096
_TIME = re.compile(r"[0-9]{1,12}")


def sign(secret: str, body: bytes, at: datetime) -> str:
    """Returns the header that signs a body."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_signature(secret, seconds, body)}"


def only_header(headers: Mapping[str, str], name: str) -> str:
    """Returns the value of a header that has to occur once, in any case. Raises `InvalidWebhook`."""
    values = [value for key, value in headers.items() if key.lower() == name]
    if len(values) != 1 or len(values[0]) > _MAX_HEADER:
        raise InvalidWebhook("the signature is missing, repeated or too long")
    return values[0]


def check_time(header: str, now: datetime) -> int:
    """Returns the time of a signature in seconds. Raises `InvalidWebhook` if it is too far from now."""
    times = [value for key, _, value in _parts(header) if key == "t"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise InvalidWebhook("the signature has no time")
    seconds = int(times[0])
    if abs(now.timestamp() - seconds) > TOLERANCE_SECONDS:
        raise InvalidWebhook("the signature is too old, or from the future")
    return seconds


def check_body(body: bytes) -> None:
    """Raises `InvalidWebhook` for a body that is too long to be an event."""
    if len(body) > MAX_BODY_BYTES:
        raise InvalidWebhook("the body is too long")


def check_secrets(secrets: Sequence[str]) -> None:
    """Raises `InvalidWebhook` if there are no secrets."""
    if not secrets:
        raise InvalidWebhook("BFF_PAYMENTS_WEBHOOK_SECRETS is not set")


def verify(secrets: Sequence[str], header: str, body: bytes, now: datetime) -> None:
    """Raises `InvalidWebhook` unless one of the secrets signed the body within the tolerance."""
    check_secrets(secrets)
    check_body(body)
    seconds = check_time(header, now)
    given = [value.encode() for key, _, value in _parts(header) if key == "v1"]
    valid = False
    for secret in secrets:
        expected = _signature(secret, seconds, body).encode()
        for signature in given:
            valid |= hmac.compare_digest(expected, signature)
    if not valid:
        raise InvalidWebhook("no secret of ours signed this")


def _parts(header: str) -> list[tuple[str, str, str]]:
    return [part.strip().partition("=") for part in header.split(",")]


def _signature(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
