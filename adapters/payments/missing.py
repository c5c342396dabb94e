"""The provider of a production without `BFF_PAYMENTS_URL`: it does nothing."""

# ruff: noqa: ARG002 - it ignores what it is asked for

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime

from adapters.payments.base import (
    Card,
    ChargeRequest,
    InvalidWebhook,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    StatementLine,
    WebhookEvent,
)

NO_PROVIDER = "none"
"""The name of the provider that is none."""


class MissingProvider(PaymentProvider):
    """A provider of which no call succeeds."""

    name = NO_PROVIDER

    @property
    def is_available(self) -> bool:
        return False

    async def add_card(self, owner_id: int, token: str, key: str) -> Card:
        raise self._missing()

    async def remove_card(self, reference: str) -> None:
        raise self._missing()

    async def charge(self, request: ChargeRequest) -> ProviderCharge:
        raise self._missing()

    async def find_charge(self, request: ChargeRequest, reference: str | None) -> ProviderCharge | None:
        raise self._missing()

    async def cancel_charge(self, reference: str) -> ProviderCharge:
        raise self._missing()

    async def refund(self, request: RefundRequest) -> ProviderRefund:
        raise self._missing()

    async def find_refund(self, request: RefundRequest, reference: str | None) -> ProviderRefund | None:
        raise self._missing()

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
        raise InvalidWebhook("BFF_PAYMENTS_URL is empty")

    async def statement(self, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
        raise self._missing()
        yield

    @staticmethod
    def _missing() -> ProviderUnavailable:
        return ProviderUnavailable("BFF_PAYMENTS_URL is empty")
