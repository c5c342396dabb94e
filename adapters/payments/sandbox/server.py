"""The sandbox as an HTTP server, with a database of its own and faults.

Calls of a provider are POST requests whose bodies are the arguments in JSON. The other paths are for tests and
developers: they have no faults.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from adapters.payments.base import (
    CardRejected,
    ChargeRequest,
    ForeignReference,
    InvalidToken,
    ProviderCharge,
    ProviderUnavailable,
    RefundRequest,
    RequestRejected,
)
from adapters.payments.sandbox.faults import FaultChoice, Faults
from adapters.payments.sandbox.provider import PAGE, SandboxProvider
from adapters.payments.sandbox.webhooks import Webhooks

_STATUS: dict[type[Exception], int] = {
    CardRejected: 402,
    InvalidToken: 400,
    ForeignReference: 403,
    RequestRejected: 409,
    ProviderUnavailable: 503,
    msgspec.MsgspecError: 422,
    ValueError: 422,
    KeyError: 422,
}
_PAGE = """<!doctype html><meta charset="utf-8"><title>Payment sandbox</title>
<form method="post"><button>Confirm the payment</button></form>
<form method="post" action="../reject/{reference}"><button>Reject the payment</button></form>
"""

Answer = Callable[[Any], Awaitable[object]]


class WebhookTarget(NamedTuple):
    """The address that receives webhooks, and the secret that signs them."""

    url: str
    secret: str


class SandboxServer:
    """Answers the calls of a provider, and makes them fail."""

    def __init__(self, path: str = "", webhooks: WebhookTarget | None = None, seed: int = 0) -> None:
        self.fault_choice = FaultChoice(seed)
        self._target = webhooks
        self.sandbox = SandboxProvider(path, event_delay=self.fault_choice.webhook_delay if webhooks else None)

    def app(self) -> Starlette:
        sandbox = self.sandbox
        routes = [
            self._call("/cards", tuple[int, str, str], lambda given: sandbox.add_card(*given)),
            self._call("/cards/remove", str, sandbox.remove_card),
            self._call("/charges/find", tuple[ChargeRequest, str | None], lambda given: sandbox.find_charge(*given)),
            self._call("/charges/cancel", str, sandbox.cancel_charge),
            self._call("/charges", ChargeRequest, self._charge),
            self._call("/refunds/find", tuple[RefundRequest, str | None], lambda given: sandbox.find_refund(*given)),
            self._call("/refunds", RefundRequest, sandbox.refund),
            _control("/confirm/{reference}", sandbox.confirm),
            _control("/reject/{reference}", sandbox.reject),
            _control("/refunds/{reference}/fail", sandbox.fail_refund),
            _control("/disputes/{reference}", sandbox.dispute),
            _control("/disputes/{reference}/reverse", sandbox.reverse_dispute),
            Route("/confirm/{reference}", _confirm_page, methods=["GET"]),
            Route("/charges", self._charges, methods=["GET"]),
            Route("/statement", self._statement, methods=["GET"]),
            Route("/faults", self._set_faults, methods=["POST"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncGenerator[None]:
        webhooks = Webhooks(self.sandbox, self.fault_choice, *self._target) if self._target else None
        task = asyncio.create_task(webhooks.run()) if webhooks else None
        try:
            yield
        finally:
            if task:
                task.cancel()
                await asyncio.wait([task])
            await self.sandbox.close()

    def _call(self, path: str, kind: Any, answer: Answer) -> Route:
        """Returns the route of a provider's call, which may fail by a fault."""

        async def respond(request: Request) -> Response:
            body = await request.body()
            faults = self.fault_choice.faults
            await asyncio.sleep(faults.delay_seconds)
            if self.fault_choice.occurs(faults.error):
                return Response(status_code=500)
            if self.fault_choice.occurs(faults.timeout_before):
                return await self._hang()
            hangs = self.fault_choice.occurs(faults.timeout_after)
            response = await _answered(answer, lambda: msgspec.json.decode(body, type=kind), str(request.base_url))
            return await self._hang() if hangs else response

        return Route(path, respond, methods=["POST"])

    async def _hang(self) -> Response:
        await asyncio.sleep(self.fault_choice.faults.hang_seconds)
        return Response(status_code=504)

    async def _charge(self, request: ChargeRequest) -> ProviderCharge:
        state = self.fault_choice.state()
        return await self.sandbox.ask(
            lambda book: book.charge(request.payment, request.method, request.amount, request.currency, state)
        )

    async def _charges(self, _request: Request) -> Response:
        return _json(await self.sandbox.ask(lambda book: book.charges()))

    async def _statement(self, request: Request) -> Response:
        async def page(given: Any) -> object:
            since, until = datetime.fromisoformat(given["since"]), datetime.fromisoformat(given["until"])
            offset = int(given.get("offset", "0"))
            return await self.sandbox.ask(lambda book: book.statement(since, until, PAGE, offset))

        return await _answered(page, lambda: request.query_params)

    async def _set_faults(self, request: Request) -> Response:
        body = await request.body()

        async def change(faults: Faults) -> Faults:
            self.fault_choice.faults = faults
            return faults

        return await _answered(change, lambda: msgspec.json.decode(body, type=Faults))


def _control(path: str, answer: Callable[[str], Awaitable[object]]) -> Route:
    """Returns a route for tests and developers."""

    async def respond(request: Request) -> Response:
        return await _answered(answer, lambda: request.path_params["reference"])

    return Route(path, respond, methods=["POST"])


async def _answered(answer: Answer, read: Callable[[], object], base_url: str = "") -> Response:
    """Returns the response of an answer or of its exception. Charges get the address at which they are confirmed."""
    try:
        value = await answer(read())
    except tuple(_STATUS) as error:
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        return Response(str(error), status_code=status)
    if isinstance(value, ProviderCharge) and value.action and base_url:
        value = value._replace(action=value.action._replace(url=f"{base_url}confirm/{value.reference}"))
    return _json(value)


async def _confirm_page(request: Request) -> Response:
    reference: str = request.path_params["reference"]
    return HTMLResponse(_PAGE.format(reference=reference if reference.replace("_", "").isalnum() else ""))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
