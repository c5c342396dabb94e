"""`sandbox://PATH` and `sandbox://`: a simulated provider in this process."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from adapters.payments.base import (
    Card,
    ChargeRequest,
    ChargeState,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    StatementLine,
    WebhookEvent,
)
from adapters.payments.sandbox.book import Book
from adapters.payments.sandbox.events import read_event
from core.clock import Clock, system_clock

ValueT = TypeVar("ValueT")

PAGE = 500
"""Lines of a statement that are read at once."""


class SandboxProvider(PaymentProvider):
    """Keeps its records in SQLite. One thread of its own reads and writes them, and the first call opens the file.

    It sends no webhooks. With `event_delay`, which returns seconds, it writes events for a server to send.
    """

    name = "sandbox"

    def __init__(
        self,
        path: str = "",
        webhook_secrets: Sequence[str] = (),
        clock: Clock = system_clock,
        *,
        event_delay: Callable[[], float] | None = None,
    ) -> None:
        self._path = path
        self._event_delay = event_delay
        self._secrets = webhook_secrets
        self._clock = clock
        self._book: Book | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="payment sandbox")

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        return await self.ask(lambda book: book.add_card(owner_id, token, key))

    async def remove_card(self, reference: str) -> None:
        await self.ask(lambda book: book.remove_card(reference))

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        return await self.ask(
            lambda book: book.charge(request.payment, request.method, request.amount, request.currency)
        )

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        return await self.ask(lambda book: book.find_charge(request.payment, reference))

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        return await self.ask(lambda book: book.finish_charge(reference, ChargeState.CANCELLED))

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        return await self.ask(
            lambda book: book.refund(request.payment, request.charge, request.amount, request.currency)
        )

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        return await self.ask(lambda book: book.find_refund(request.payment, reference))

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        return read_event(self._secrets, headers, body, now)

    async def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        offset = 0
        while lines := await self.ask(lambda book, offset=offset: book.statement(since, until, PAGE, offset)):
            for line in lines:
                yield line
            offset += len(lines)

    async def confirm(self, reference: str) -> ProviderCharge:
        """Does the extra step of a charge in place of the owner of the card."""
        return await self.ask(lambda book: book.finish_charge(reference, ChargeState.SUCCEEDED))

    async def reject(self, reference: str) -> ProviderCharge:
        """Lets the extra step of a charge fail: the charge is declined."""
        return await self.ask(lambda book: book.finish_charge(reference, ChargeState.DECLINED))

    async def fail_refund(self, reference: str) -> ProviderRefund:
        """Makes a refund fail. Its money comes back to us if it had left."""
        return await self.ask(lambda book: book.fail_refund(reference))

    async def dispute(self, charge: str) -> str:
        """Takes the money of a charge back, and returns the reference of the dispute."""
        return await self.ask(lambda book: book.dispute(charge))

    async def reverse_dispute(self, charge: str) -> str:
        """Gives the money of a disputed charge to us again."""
        return await self.ask(lambda book: book.reverse_dispute(charge))

    async def ask(self, question: Callable[[Book], ValueT]) -> ValueT:
        """Runs a function of the records in the thread. Raises `ProviderUnavailable` if SQLite cannot do it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question)

    async def close(self) -> None:
        if self._book is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._book.close)
        self._thread.shutdown(wait=False)

    def _answer(self, question: Callable[[Book], ValueT]) -> ValueT:
        try:
            if self._book is None:
                self._book = Book(self._path, self._clock, event_delay=self._event_delay)
            return question(self._book)
        except (sqlite3.Error, OSError) as error:
            raise ProviderUnavailable(type(error).__name__) from error
