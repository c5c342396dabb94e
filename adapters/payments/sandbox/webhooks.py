"""Sends the events of the sandbox's server as signed webhooks, until they are confirmed."""

import asyncio
from contextlib import suppress

import httpx2

from adapters.payments.sandbox.book import Book
from adapters.payments.sandbox.events import SIGNATURE_HEADER
from adapters.payments.sandbox.faults import FaultChoice
from adapters.payments.sandbox.provider import SandboxProvider
from adapters.payments.signatures import sign
from core.clock import system_clock

BATCH = 100
ATTEMPTS = 30
"""Attempts to send an event. After that it is lost."""

_INTERVAL_SECONDS = 0.1
_DEADLINE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 0.2, 10.0
_CONFIRMED = 200


class Webhooks:
    """Sends the events of a sandbox to a URL."""

    def __init__(self, sandbox: SandboxProvider, fault_choice: FaultChoice, url: str, secret: str) -> None:
        self._sandbox = sandbox
        self._fault_choice = fault_choice
        self._url = url
        self._secret = secret

    async def run(self) -> None:
        """Sends events until it is cancelled."""
        async with httpx2.AsyncClient(timeout=_DEADLINE_SECONDS) as http:
            while True:
                events = await self._sandbox.ask(lambda book: book.due_events(BATCH))
                await asyncio.gather(*(self._send(http, *event) for event in events))
                if not events:
                    await asyncio.sleep(_INTERVAL_SECONDS)

    async def _send(self, http: httpx2.AsyncClient, number: int, body: bytes, attempts: int) -> None:
        faults, confirmed = self._fault_choice.faults, False
        if attempts == 0 and self._fault_choice.occurs(faults.webhook_drop):
            confirmed = True
        for _ in range(0 if confirmed else 2 if self._fault_choice.occurs(faults.webhook_duplicate) else 1):
            with suppress(httpx2.HTTPError):
                signature = sign(self._secret, body, system_clock())
                headers = {SIGNATURE_HEADER: signature, "content-type": "application/json"}
                confirmed = (await http.post(self._url, content=body, headers=headers)).status_code == _CONFIRMED
        pause = min(_FIRST_PAUSE_SECONDS * 2**attempts, _MAX_PAUSE_SECONDS)

        def settle(book: Book) -> None:
            book.settle_event(number, None if confirmed or attempts + 1 >= ATTEMPTS else pause)

        await self._sandbox.ask(settle)
