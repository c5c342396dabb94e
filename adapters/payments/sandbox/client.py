"""`sandbox+http://HOST:PORT`: the sandbox's server as a provider."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx2
import msgspec

from adapters.payments.base import (
    Card,
    CardRejected,
    ChargeRequest,
    ForeignReference,
    InvalidToken,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    RequestRejected,
    StatementLine,
    WebhookEvent,
)
from adapters.payments.sandbox.events import read_event

_REJECTED = {400: InvalidToken, 402: CardRejected, 403: ForeignReference, 409: RequestRejected, 422: RequestRejected}
_OK = 200


class SandboxClient(PaymentProvider):
    """Asks the sandbox's server. `http` has its address, a timeout and a maximum of connections."""

    name = "sandbox"

    def __init__(self, http: httpx2.AsyncClient, webhook_secrets: Sequence[str]) -> None:
        self._http = http
        self._secrets = webhook_secrets

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        return await self._ask("/cards", (owner_id, token, key), Card)

    async def remove_card(self, reference: str) -> None:
        await self._ask("/cards/remove", reference, None)

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        return await self._ask("/charges", request, ProviderCharge)

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        return await self._ask("/charges/find", (request, reference), ProviderCharge | None)

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        return await self._ask("/charges/cancel", reference, ProviderCharge)

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        return await self._ask("/refunds", request, ProviderRefund)

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        return await self._ask("/refunds/find", (request, reference), ProviderRefund | None)

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        return read_event(self._secrets, headers, body, now)

    async def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        offset = 0
        while True:
            given = {"since": since.isoformat(), "until": until.isoformat(), "offset": offset}
            lines: list[StatementLine] = _read(await self._send("GET", "/statement", params=given), list[StatementLine])
            for line in lines:
                yield line
            if not lines:
                return
            offset += len(lines)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, path: str, given: object, kind: Any) -> Any:
        """Returns the answer to a call, converted to its type."""
        return _read(await self._send("POST", path, content=msgspec.json.encode(given)), kind)

    async def _send(self, method: str, path: str, **given: Any) -> httpx2.Response:
        try:
            return await self._http.request(method, path, **given)
        except httpx2.HTTPError as error:
            raise ProviderUnavailable(type(error).__name__) from error


def _read(response: httpx2.Response, kind: Any) -> Any:
    """Returns the value of a response. Raises the exception that its status stands for."""
    if response.status_code in _REJECTED:
        raise _REJECTED[response.status_code](response.text)
    if response.status_code != _OK:
        raise ProviderUnavailable(f"status {response.status_code}")
    try:
        return msgspec.json.decode(response.content, type=kind)
    except msgspec.MsgspecError as error:
        raise ProviderUnavailable("the answer is not understood") from error
