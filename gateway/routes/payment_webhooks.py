"""Receives webhooks of the payment provider at `/webhooks/payments/<provider>`.

The signature over the body proves the sender, so neither cookies nor tokens nor origins matter, and the checks against
cross-site requests do not apply.
"""

import asyncio
import logging
from collections import Counter

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.payments import InvalidWebhook, ProviderUnavailable
from core.errors import Unavailable
from gateway.http.headers import header
from services.payments import Received, receive_webhook
from services.resources import Resources

logger = logging.getLogger(__name__)

WEBHOOK_PATH = "/webhooks/payments/{provider}"
MAX_BODY_BYTES = 256 * 1024
SMALL_BODY_BYTES = 32 * 1024
"""Bodies up to this size are always received: those of a provider's events are smaller."""
MAX_LARGE_BODIES = 64
"""Larger bodies that are received at the same time. They hold at most 16 MiB of memory.

Slow bodies of strangers can use these up, so they must not prevent the reception of an event.
"""

INVALID, UNAVAILABLE = "invalid", "unavailable"
RESULTS = sorted([*(received.value for received in Received), INVALID, UNAVAILABLE])
"""The results of webhooks, as labels of the metric."""

_READ_SECONDS = 5.0
_DIGITS = len(str(MAX_BODY_BYTES))
_REPEAT = {"Retry-After": "10"}


class _TooManyBodies(Exception):
    """This process is receiving `MAX_LARGE_BODIES` already."""


class PaymentWebhooks:
    """The endpoint of the webhooks. It counts what became of them in this process."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        """The number of webhooks by result, one of `RESULTS`."""
        self._large_bodies = 0

    async def receive(self, request: Request) -> Response:
        """Returns 200 after the event has taken effect, and 400 without a reason if it is not signed by the provider.

        Returns 503 if the database or the provider does not answer; then the provider sends the event again.
        """
        resources: Resources = request.app.state.resources
        if request.path_params["provider"] != resources.payments.name:
            return Response(status_code=404)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await self._read_body(request)
        except (TimeoutError, ClientDisconnect):
            body = None
        except _TooManyBodies:
            return self._respond(UNAVAILABLE, 503)
        return await self._handle(request, resources, body)

    async def _handle(self, request: Request, resources: Resources, body: bytes | None) -> Response:
        if body is None:
            return self._respond(INVALID, 400)
        try:
            event = resources.payments.read_webhook(request.headers, body, resources.clock())
            received = await receive_webhook(resources, event)
        except InvalidWebhook as error:
            logger.warning("a payment webhook was rejected: %s", error)
            return self._respond(INVALID, 400)
        except (ProviderUnavailable, Unavailable) as error:
            logger.warning("a payment webhook has to be sent again: %s", type(error).__name__)
            return self._respond(UNAVAILABLE, 503)
        return self._respond(received.value, 503 if received is Received.PREMATURE else 200)

    async def _read_body(self, request: Request) -> bytes | None:
        """Returns the body as it was sent. None if it is too long or encoded. Raises `_TooManyBodies`."""
        if not _is_acceptable(request):
            return None
        body, is_large = bytearray(), False
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    return None
                if len(body) > SMALL_BODY_BYTES and not is_large:
                    if self._large_bodies >= MAX_LARGE_BODIES:
                        raise _TooManyBodies
                    self._large_bodies, is_large = self._large_bodies + 1, True
        finally:
            self._large_bodies -= is_large
        return bytes(body)

    def _respond(self, result: str, status: int) -> Response:
        self.counts[result] += 1
        return Response(status_code=status, headers=_REPEAT if status == 503 else None)  # noqa: PLR2004 - the status


def _is_acceptable(request: Request) -> bool:
    """Returns whether the body is not encoded, and not declared to be too long."""
    declared = (header(request.scope, b"content-length") or "").strip().lstrip("0")
    is_long = declared.isdecimal() and (len(declared) > _DIGITS or int(declared) > MAX_BODY_BYTES)
    return not is_long and (header(request.scope, b"content-encoding") or "identity") == "identity"
