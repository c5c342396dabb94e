"""Slow bodies of strangers do not prevent the reception of webhooks."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from adapters.payments import WebhookKind
from adapters.payments.sandbox.events import write_event
from adapters.payments.signatures import sign
from core.settings import Settings
from gateway.routes import payment_webhooks
from gateway.routes.payment_webhooks import SMALL_BODY_BYTES
from tests.payments.support.webhooks import PATH, SECRET, deliver, event_of
from tests.support.client import Client
from tests.support.timing import no_hang


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, payments_webhook_secrets=SECRET)


class SlowBody:
    """A body whose end is sent when a test says so."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.is_waiting = asyncio.Event()
        self.ends = asyncio.Event()

    async def chunks(self) -> AsyncGenerator[bytes]:
        yield b"x" * self._size
        self.is_waiting.set()
        await self.ends.wait()
        yield b"x"


async def test_slow_bodies_leave_room_for_events(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_webhooks, "MAX_LARGE_BODIES", 2)
    bodies = [SlowBody(size) for size in [SMALL_BODY_BYTES + 1] * 2 + [SMALL_BODY_BYTES - 1] * 5]
    async with no_hang():
        posts = [asyncio.create_task(client.http.post(PATH, content=body.chunks())) for body in bodies]
        for body in bodies:
            await body.is_waiting.wait()
        assert await deliver(client, event_of(WebhookKind.CHARGE_CHANGED)) == 200
        large = await client.http.post(PATH, content=b" " * (SMALL_BODY_BYTES + 1))
        assert (large.status_code, large.headers["Retry-After"]) == (503, "10")
        for body in bodies:
            body.ends.set()
        assert [response.status_code for response in await asyncio.gather(*posts)] == [400] * 7
        signed = write_event(event_of(WebhookKind.OTHER)).ljust(SMALL_BODY_BYTES + 1)
        headers = {"sandbox-signature": sign(SECRET, signed, client.resources.clock())}
        assert (await client.http.post(PATH, content=signed, headers=headers)).status_code == 200


async def test_a_body_that_does_not_arrive_is_rejected(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_webhooks, "_READ_SECONDS", 0.05)
    async with no_hang():
        assert (await client.http.post(PATH, content=SlowBody(10).chunks())).status_code == 400
