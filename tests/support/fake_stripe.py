"""A server that speaks the part of Stripe's HTTP that the provider uses."""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.asgi_server import serving_asgi
from tests.support.fake_stripe_objects import Objects, Record, Refusal, public

API_KEY = "sk_test_not_a_secret"


class Fault(NamedTuple):
    """The fault of the next request whose path begins so: `500`, `429`, `hang`, or `cut` after it was done."""

    kind: str
    path: str = "/v1/"
    is_after: bool = False
    is_stored: bool = False
    """Whether the answer is repeated for the idempotency key, as the first answers of Stripe are."""


class Answer(NamedTuple):
    status: int
    body: Record


class FakeStripe:
    """Keeps objects, the answers of idempotency keys, and the requests that it got."""

    def __init__(self) -> None:
        self.objects = Objects()
        self.address = ""
        self.requests: list[tuple[str, str, Record, str | None]] = []
        self.faults = deque[Fault]()
        self.delay = 0.0
        self.search_is_behind = False
        """Whether a search does not find what was made just now."""
        self.has_search = True
        self.refuses_keys = False
        """Whether every idempotency key was used for another request."""
        self._answers: dict[str, tuple[Record, Answer]] = {}
        self._released = asyncio.Event()

    def release(self) -> None:
        """Ends the requests that hang."""
        self._released.set()

    def forget_keys(self) -> None:
        """Forgets the idempotency keys, as Stripe does after 24 hours."""
        self._answers.clear()

    def webhook(
        self, kind: str, about: Record, secret: str, at: float | None = None, event_id: str = "evt_1"
    ) -> tuple[dict[str, str], bytes]:
        """Returns the headers and the body of a signed event."""
        event = {"id": event_id, "object": "event", "type": kind, "data": {"object": public(about)}}
        body = json.dumps(event).encode()
        seconds = int(time.time() if at is None else at)
        signature = hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={seconds},v1={signature},v0=ignored"}, body

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._respond, methods=["GET", "POST"])])

    async def _respond(self, request: Request) -> Response:
        path, key = request.url.path, request.headers.get("idempotency-key")
        text = (await request.body()).decode() if request.method == "POST" else request.url.query
        given: Record = dict(parse_qsl(text, keep_blank_values=True))
        self.requests.append((request.method, path, given, key))
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            return _answered(Refusal(401, "invalid_request_error", message="Invalid API Key provided: sk_test_***cret"))
        await asyncio.sleep(self.delay)
        fault = self.faults.popleft() if self.faults and path.startswith(self.faults[0].path) else None
        if fault is None or fault.is_after:
            response = self._once(request.method, path, given, key)
            if fault is None:
                return response
        if fault.is_stored and key:
            self._answers[key] = ({"path": path, **given}, Answer(500, {"error": Refusal(500, "api_error").error}))
        return await self._fail(fault)

    async def _fail(self, fault: Fault) -> Response:
        if fault.kind == "hang":
            await self._released.wait()
        if fault.kind == "429":
            return _answered(Refusal(429, "invalid_request_error", "rate_limit"))
        return _answered(Refusal(500, "api_error"))

    def _once(self, method: str, path: str, given: Record, key: str | None) -> Response:
        """Answers a request, or repeats the answer of its idempotency key."""
        asked = {"path": path, **given}
        if key and method == "POST" and self.refuses_keys:
            return _answered(Refusal(400, "idempotency_error"))
        if key and method == "POST" and key in self._answers:
            earlier, answer = self._answers[key]
            if earlier != asked:
                return _answered(Refusal(400, "idempotency_error"))
            return JSONResponse(answer.body, answer.status, {"Idempotent-Replayed": "true"})
        try:
            answer = Answer(200, public(self._answer(method, path.split("/")[2:], given)))
        except Refusal as refusal:
            answer = Answer(refusal.status, {"error": refusal.error})
        if key and method == "POST":
            self._answers[key] = (asked, Answer(answer.status, json.loads(json.dumps(answer.body))))
        return JSONResponse(answer.body, answer.status)

    def _answer(self, method: str, path: list[str], given: Record) -> Record:
        objects = self.objects
        posts: dict[tuple[str, ...], Callable[..., Record]] = {
            ("customers",): objects.create_customer,
            ("payment_methods",): objects.create_method,
            ("payment_methods", "attach"): objects.attach,
            ("payment_methods", "detach"): objects.detach,
            ("payment_intents",): objects.create_intent,
            ("payment_intents", "cancel"): objects.cancel_intent,
            ("refunds",): objects.create_refund,
        }
        if method == "POST":
            return posts[path[0], *path[2:]](*path[1:2], given)
        if path == ["customers", "search"]:
            if not self.has_search:
                raise Refusal(400, "invalid_request_error", "feature_not_available")
            found = [] if self.search_is_behind else objects.search_customers(given["query"])
            return {"object": "search_result", "url": "/v1/customers/search", "has_more": False, "data": found}
        if path[0] == "balance_transactions":
            return _page(path[0], objects.movements, given)
        among = {"payment_intents": objects.intents, "refunds": objects.refunds}[path[0]]
        if len(path) > 1:
            if path[1] not in among:
                raise Refusal(404, "invalid_request_error", "resource_missing", param="id")
            return among[path[1]]
        return _page(path[0], list(reversed(among.values())), given)


def _page(name: str, records: list[Record], given: Record) -> Record:
    """Returns a page of a list, newest first."""
    equal = {name: given[name] for name in ("customer", "payment_intent") if name in given}
    since, until = int(given.get("created[gte]", 0)), int(given.get("created[lt]", 2**62))
    found = [
        each
        for each in records
        if all(each[field] == value for field, value in equal.items()) and since <= each["created"] < until
    ]
    after = [each["id"] for each in found].index(given["starting_after"]) + 1 if "starting_after" in given else 0
    page = found[after : after + int(given.get("limit", 10))]
    more = after + len(page) < len(found)
    return {"object": "list", "url": f"/v1/{name}", "has_more": more, "data": [public(each) for each in page]}


def _answered(refusal: Refusal) -> Response:
    return JSONResponse({"error": refusal.error}, refusal.status, {"Request-Id": "req_1"})


@asynccontextmanager
async def fake_stripe() -> AsyncGenerator[FakeStripe]:
    """Yields a fake that listens."""
    fake = FakeStripe()
    async with serving_asgi(fake.app()) as address:
        fake.address = address
        try:
            yield fake
        finally:
            fake.release()
