"""Bounds all calls of a payment provider: a deadline, a maximum of concurrent calls, and a circuit breaker."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar

from adapters.breaker import Breaker
from adapters.breaker_log import BreakerLog
from adapters.payments.base import (
    Card,
    CardRejected,
    ChargeRequest,
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
from adapters.payments.bounds import checked_answer, checked_event

ValueT = TypeVar("ValueT")


class GuardedProvider(PaymentProvider):
    """A provider whose calls end within a deadline. Calls beyond the maximum, or of an open breaker, fail at once."""

    def __init__(self, provider: PaymentProvider, deadline: float, calls: int, breaker: Breaker | None = None) -> None:
        self.name = provider.name
        self.provider = provider
        self.breaker = breaker or Breaker()
        self._breaker_log = BreakerLog(f"payments {provider.name}")
        self._deadline = deadline
        self._calls = calls
        self._running = 0

    @property
    def is_available(self) -> bool:
        return self.provider.is_available and self._running < self._calls and not self.breaker.rejects

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        return await self._call(self.provider.add_card(owner_id, token, key))

    async def remove_card(self, reference: str) -> None:
        await self._call(self.provider.remove_card(reference))

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        return await self._call(self.provider.charge(request))

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        return await self._call(self.provider.find_charge(request, reference))

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        return await self._call(self.provider.cancel_charge(reference))

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        return await self._call(self.provider.refund(request))

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        return await self._call(self.provider.find_refund(request, reference))

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        return checked_event(self.provider.read_webhook(headers, body, now))

    async def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        async with aclosing(self.provider.statement(since, until)) as lines:
            while (line := await self._call(_next(lines))) is not None:
                yield line

    async def close(self) -> None:
        await self.provider.close()

    async def _call(self, call: Coroutine[Any, Any, ValueT]) -> ValueT:
        """Makes a call within the bounds. Raises `ProviderUnavailable`."""
        is_trial, is_full = self.breaker.is_open, self._running >= self._calls
        if is_full or not self.breaker.begin_call():
            call.close()
            raise ProviderUnavailable("too many calls" if is_full else "the breaker is open")
        self._running += 1
        try:
            async with asyncio.timeout(self._deadline):
                value = checked_answer(await call)
        except TimeoutError as error:
            raise self._failed(ProviderUnavailable("no answer within the deadline"), is_trial=is_trial) from error
        except (CardRejected, InvalidToken, RequestRejected):
            self._record_success()
            raise
        except ProviderUnavailable as error:
            self._failed(error, is_trial=is_trial)
            raise
        else:
            self._record_success()
            return value
        finally:
            self._running -= 1

    def _record_success(self) -> None:
        self.breaker.record_success()
        self._breaker_log.note(is_open=False)

    def _failed(self, error: ProviderUnavailable, *, is_trial: bool) -> ProviderUnavailable:
        """Records a failure, and returns its error."""
        self.breaker.record_failure(is_trial=is_trial)
        self._breaker_log.note(is_open=self.breaker.is_open, cause=str(error))
        return error


async def _next(lines: AsyncGenerator[StatementLine]) -> StatementLine | None:
    return await anext(lines, None)
