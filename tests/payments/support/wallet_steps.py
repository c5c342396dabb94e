"""Sends the mutations of cards, top-ups and refunds, and reads the wallet screen and the sandbox."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar, cast

from adapters.payments import (
    Card,
    ChargeRequest,
    GuardedProvider,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    StatementLine,
    WebhookEvent,
)
from adapters.payments.sandbox.provider import SandboxProvider
from core.clock import Clock
from core.global_ids import global_id, read_global_id
from services.event_log.log import LogPosition
from services.jobs import Job, JobKey
from services.jobs.job import Handler
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.client import Client

T = TypeVar("T")

_PAYMENT = (
    "id kind status direction amount { minorUnits currency } refundedAmount { minorUnits } failureCode "
    "confirmation { url clientSecret }"
)
_PROBLEM = "... on Problem { code field message }"
_DOCUMENTS = {
    "addPaymentMethod": "... on AddPaymentMethodSuccess { paymentMethod { id brand lastFour isDefault } }",
    "removePaymentMethod": "... on RemovePaymentMethodSuccess { paymentMethodId }",
    "topUpWallet": f"... on TopUpWalletSuccess {{ payment {{ {_PAYMENT} }} replayed "
    "wallet { available { minorUnits currency } pending { minorUnits } } }",
    "refundPayment": f"... on RefundPaymentSuccess {{ payment {{ {_PAYMENT} }} refund {{ {_PAYMENT} }} replayed }}",
}
_SCREEN = """query { viewer { wallet { currency available { minorUnits } pending { minorUnits }
  entries(first: 20) { edges { node { amount { minorUnits } balanceAfter { minorUnits } payment { kind status } } } } }
  paymentMethods(first: 50) { edges { node { id brand lastFour isDefault } } } } }"""


class Screen(NamedTuple):
    """The amounts of a wallet screen, and the amounts of its newest entries that no seed has written."""

    available: int
    pending: int
    entries: tuple[int, ...]


async def act(client: Client, field: str, as_: str, **sent: Any) -> dict[str, Any]:
    """Returns the result of a mutation."""
    kind = field[0].upper() + field[1:]
    document = (
        f"mutation ($input: {kind}Input!) {{ {field}(input: $input) {{ __typename {_DOCUMENTS[field]} {_PROBLEM} }} }}"
    )
    return (await client.data(document, {"input": sent}, as_=as_))[field]


async def add_card(client: Client, as_: str, token: str, **sent: Any) -> str:
    """Adds a card and returns its id."""
    answer = await act(client, "addPaymentMethod", as_, providerToken=token, **sent)
    return answer["paymentMethod"]["id"]


async def seeded_card(client: Client, handle: str) -> str:
    """Returns the id of the card that the seed has made for a user."""
    user_id = await client.user_id(handle)
    return global_id("PaymentMethod", user_id, user_id)


async def top_up(client: Client, amount: object, key: str = "k", as_: str = "ana", **sent: Any) -> dict[str, Any]:
    """Tops up with the seeded card, or that of `paymentMethodId`."""
    if "paymentMethodId" not in sent:
        sent["paymentMethodId"] = await seeded_card(client, as_)
    money = {"minorUnits": str(amount), "currency": sent.pop("currency", "EUR")}
    return await act(client, "topUpWallet", as_, amount=money, idempotencyKey=key, **sent)


async def refund(client: Client, payment_id: str, amount: int | None, key: str = "r", **sent: str) -> dict[str, Any]:
    """Refunds a payment as ana, or as the user of `as_`, in EUR or in `currency`."""
    money = None if amount is None else {"minorUnits": str(amount), "currency": sent.get("currency", "EUR")}
    as_ = sent.get("as_", "ana")
    return await act(client, "refundPayment", as_, paymentId=payment_id, amount=money, idempotencyKey=key)


async def screen(client: Client, as_: str = "ana", *, since: "Screen | None" = None) -> Screen:
    """Returns the wallet screen. With `since`, its entries are those that came after that screen."""
    wallet = (await client.data(_SCREEN, as_=as_))["viewer"]["wallet"]
    amounts = tuple(int(edge["node"]["amount"]["minorUnits"]) for edge in wallet["entries"]["edges"])
    new = amounts if since is None else amounts[: _added(amounts, since.entries)]
    return Screen(int(wallet["available"]["minorUnits"]), int(wallet["pending"]["minorUnits"]), new)


def _added(amounts: tuple[int, ...], before: tuple[int, ...]) -> int:
    return next(number for number in range(len(amounts) + 1) if amounts[number:] == before[: len(amounts) - number])


async def cards(client: Client, as_: str = "ana") -> list[dict[str, Any]]:
    found = (await client.data(_SCREEN, as_=as_))["viewer"]["paymentMethods"]["edges"]
    return [edge["node"] for edge in found]


def problem(typename: str, code: str, field: str | None) -> dict[str, Any]:
    return {"__typename": typename, "code": code, "field": field}


def without_message(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "message"}


def sandbox(resources: Resources) -> SandboxProvider:
    """Returns the sandbox behind the guard and behind the faults."""
    provider = cast("GuardedProvider", resources.payments).provider
    return provider.inner if isinstance(provider, Faulty) else cast("SandboxProvider", provider)


class Faulty(PaymentProvider):
    """Runs `before` and `after` around the calls of a sandbox that concern one payment or card."""

    name = "sandbox"

    def __init__(self, inner: SandboxProvider) -> None:
        self.inner = inner
        self.before: Callable[[], Awaitable[object]] | None = None
        self.after: Callable[[], Awaitable[object]] | None = None
        self.calls: list[str] = []

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        return await self._around("add_card", lambda: self.inner.add_card(owner_id, token, key))

    async def remove_card(self, reference: str) -> None:
        await self._around("remove_card", lambda: self.inner.remove_card(reference))

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        return await self._around("charge", lambda: self.inner.charge(request))

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        return await self._around("find_charge", lambda: self.inner.find_charge(request, reference))

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        return await self._around("cancel_charge", lambda: self.inner.cancel_charge(reference))

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        return await self._around("refund", lambda: self.inner.refund(request))

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        return await self._around("find_refund", lambda: self.inner.find_refund(request, reference))

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        return self.inner.read_webhook(headers, body, now)

    def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        return self.inner.statement(since, until)

    async def close(self) -> None:
        await self.inner.close()

    async def _around(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        self.calls.append(name)
        if self.before is not None:
            await self.before()
        result = await call()
        if self.after is not None:
            await self.after()
        return result


def faulty(resources: Resources) -> Faulty:
    """Puts faults in front of the sandbox and returns them."""
    guard = cast("GuardedProvider", resources.payments)
    made = Faulty(cast("SandboxProvider", guard.provider))
    guard.provider = made
    return made


async def unreachable() -> None:
    raise ProviderUnavailable("test")


async def hanging() -> None:
    await asyncio.Event().wait()


async def run_handler(resources: Resources, handler: Handler, owner_id: int = 0, **data: int) -> None:
    """Runs a handler of jobs of an owner once."""
    event_id = resources.ids.next()
    job = Job(JobKey(owner_id, event_id, "test"), LogPosition(0, event_id), data, 1, 0, resources.clock())
    async with unit_of_work(resources) as work:
        await handler(work, resources, job)


async def make_due(resources: Resources) -> None:
    """Makes every open payment due."""
    await resources.database.fetch("UPDATE open_payments SET due_at = $1", resources.clock())


async def charges(resources: Resources) -> list[tuple[int, str]]:
    """Returns amount and state of all charges of the sandbox."""
    return await sandbox(resources).ask(
        lambda book: [
            (row["amount"], row["state"]) for row in book.rows("SELECT amount, state FROM charges ORDER BY rowid")
        ]
    )


async def newest_reference(client: Client) -> str:
    """Returns the provider's reference of the newest payment that has one."""
    rows = await client.resources.database.fetch(
        "SELECT provider_reference FROM payments WHERE provider_reference IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    return rows[0]["provider_reference"]


def later(resources: Resources, **passed: float) -> Clock:
    """Returns a clock that is ahead of that of the resources."""
    return lambda: resources.clock() + timedelta(**passed)


def row_id(text: str) -> int:
    return read_global_id(text, "id").id
