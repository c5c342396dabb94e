"""Every payment provider, with what a test does in place of people and banks."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from adapters.payments import (
    ChargeRequest,
    GuardedProvider,
    PaymentKey,
    RefundRequest,
    WebhookEvent,
    WebhookKind,
    open_payment_provider,
)
from adapters.payments.sandbox.events import SIGNATURE_HEADER, write_event
from adapters.payments.sandbox.provider import SandboxProvider
from adapters.payments.sandbox.server import SandboxServer
from adapters.payments.signatures import sign
from core.settings import Settings
from tests.support.asgi_server import serving_asgi
from tests.support.fake_stripe import API_KEY, FakeStripe, fake_stripe
from tests.support.timing import DEADLINE

PROVIDERS = ["memory", "file", "server", "stripe"]
SECRETS = ("whsec_the_new_secret", "whsec_the_old_secret")
BEGIN, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)

SANDBOX_TOKENS = {
    "visa": "tok_visa",
    "mastercard": "tok_mastercard",
    "amex": "tok_amex",
    "rejected": "tok_rejected",
    "declined": "tok_charge_declined",
    "expired": "tok_expired",
    "confirm": "tok_confirm",
    "slow_refund": "tok_slow_refund",
}
STRIPE_TOKENS = {
    "visa": "tok_visa",
    "mastercard": "tok_mastercard",
    "amex": "tok_amex",
    "rejected": "tok_chargeDeclined",
    "declined": "tok_chargeCustomerFail",
    "expired": "tok_chargeDeclinedExpiredCard",
    "confirm": "tok_threeDSecure2Required",
    "slow_refund": "tok_pendingRefund",
}


class Case(NamedTuple):
    """A provider, and what happens outside of our process."""

    provider: GuardedProvider
    tokens: Mapping[str, str]
    confirm: Callable[[str], Awaitable[object]]
    reject: Callable[[str], Awaitable[object]]
    dispute: Callable[[str], Awaitable[object]]
    reverse_dispute: Callable[[str], Awaitable[object]]
    settle_refund: Callable[[str], Awaitable[object]]
    fail_refund: Callable[[str], Awaitable[object]]
    signed: Callable[..., tuple[dict[str, str], bytes]]
    fake: FakeStripe | None = None
    server: SandboxServer | None = None

    async def card(self, kind: str = "visa", owner_id: int = 7) -> str:
        """Adds a card, and returns its reference."""
        return (await self.provider.add_card(owner_id, self.tokens[kind], f"key-{kind}-{owner_id}")).reference


def charge_request(method: str, amount: int = 500, payment: int = 1, owner: int = 7) -> ChargeRequest:
    return ChargeRequest(PaymentKey(owner, payment), method, amount, "EUR", datetime.now(UTC))


def refund_request(charge: str, amount: int = 500, payment: int = 2, owner: int = 7) -> RefundRequest:
    return RefundRequest(PaymentKey(owner, payment), charge, amount, "EUR", datetime.now(UTC))


@asynccontextmanager
async def provider_case(kind: str, folder: Path, **chosen: Any) -> AsyncGenerator[Case]:
    """Opens a provider of `PROVIDERS`."""
    settings: dict[str, Any] = {"payments_webhook_secrets": ",".join(SECRETS), "payments_deadline": DEADLINE, **chosen}
    if kind == "stripe":
        async with fake_stripe() as fake:
            settings |= {"payments_url": f"stripe://{fake.address}", "payments_secret": API_KEY}
            async with opened_provider(**settings) as provider:
                yield _stripe(provider, fake)
    elif kind == "server":
        server = SandboxServer(str(folder / "server.sqlite3"))
        async with serving_asgi(server.app()) as address:
            settings["payments_url"] = f"sandbox+http://{address}"
            async with (
                opened_provider(**settings) as provider,
                httpx2.AsyncClient(base_url=f"http://{address}") as http,
            ):
                yield _server(provider, server, http)
    else:
        settings["payments_url"] = f"sandbox://{folder / 'a' / 'sandbox.sqlite3'}" if kind == "file" else "sandbox://"
        async with opened_provider(**settings) as provider:
            yield _sandbox(provider)


@asynccontextmanager
async def opened_provider(**settings: Any) -> AsyncGenerator[GuardedProvider]:
    """Opens the provider of settings."""
    provider = open_payment_provider(Settings(**settings))
    try:
        yield provider
    finally:
        await provider.close()


def sandbox_webhook(
    event: WebhookEvent, secret: str = SECRETS[0], at: datetime | None = None
) -> tuple[dict[str, str], bytes]:
    """Returns the headers and the body of a signed event of the sandbox."""
    body = write_event(event)
    return {SIGNATURE_HEADER: sign(secret, body, at or datetime.now(UTC))}, body


def _signed_by_sandbox(secret: str, at: datetime) -> tuple[dict[str, str], bytes]:
    event = WebhookEvent("evt_1", WebhookKind.CHARGE_CHANGED, PaymentKey(7, 1), "ch_1", 500, "EUR")
    return sandbox_webhook(event, secret, at)


def _sandbox(provider: GuardedProvider) -> Case:
    inner = provider.provider
    assert isinstance(inner, SandboxProvider)

    async def settle(_refund: str) -> None:
        await inner.ask(lambda book: book.run("UPDATE refunds SET due_at = ?", book.now()))

    return Case(
        provider,
        SANDBOX_TOKENS,
        inner.confirm,
        inner.reject,
        inner.dispute,
        inner.reverse_dispute,
        settle,
        inner.fail_refund,
        _signed_by_sandbox,
    )


def _server(provider: GuardedProvider, server: SandboxServer, http: httpx2.AsyncClient) -> Case:
    def at(path: str) -> Callable[[str], Awaitable[object]]:
        async def send(reference: str) -> None:
            (await http.post(path.format(reference))).raise_for_status()

        return send

    async def settle(_refund: str) -> None:
        await server.sandbox.ask(lambda book: book.run("UPDATE refunds SET due_at = ?", book.now()))

    return Case(
        provider,
        SANDBOX_TOKENS,
        at("/confirm/{}"),
        at("/reject/{}"),
        at("/disputes/{}"),
        at("/disputes/{}/reverse"),
        settle,
        at("/refunds/{}/fail"),
        _signed_by_sandbox,
        server=server,
    )


def _stripe(provider: GuardedProvider, fake: FakeStripe) -> Case:
    objects = fake.objects

    async def confirm(reference: str) -> None:
        objects.authenticate(reference)

    async def reject(reference: str) -> None:
        objects.authenticate(reference, succeeds=False)

    async def dispute(reference: str) -> None:
        objects.dispute(reference)

    async def reverse(reference: str) -> None:
        objects.win(f"dp_{reference}")

    async def settle(refund: str) -> None:
        objects.settle_refund(refund)

    async def fail(refund: str) -> None:
        objects.settle_refund(refund, "failed")

    def signed(secret: str, at: datetime) -> tuple[dict[str, str], bytes]:
        metadata = {"owner_id": "7", "payment_id": "1"}
        about = {"id": "ch_1", "object": "payment_intent", "amount": 500, "currency": "eur", "metadata": metadata}
        return fake.webhook("payment_intent.succeeded", about, secret, at.timestamp())

    return Case(provider, STRIPE_TOKENS, confirm, reject, dispute, reverse, settle, fail, signed, fake=fake)
