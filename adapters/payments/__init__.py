"""The payment provider: holds cards, charges them and refunds charges."""

from adapters.payments.base import (
    Action,
    Card,
    CardRejected,
    ChargeRequest,
    ChargeState,
    ForeignReference,
    InvalidToken,
    InvalidWebhook,
    LineKind,
    PaymentKey,
    PaymentProvider,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    RefundRequest,
    RefundState,
    RequestRejected,
    StatementLine,
    WebhookEvent,
    WebhookKind,
)
from adapters.payments.engines import open_payment_provider
from adapters.payments.guarded import GuardedProvider
from adapters.payments.missing import NO_PROVIDER

__all__ = [
    "NO_PROVIDER",
    "Action",
    "Card",
    "CardRejected",
    "ChargeRequest",
    "ChargeState",
    "ForeignReference",
    "GuardedProvider",
    "InvalidToken",
    "InvalidWebhook",
    "LineKind",
    "PaymentKey",
    "PaymentProvider",
    "ProviderCharge",
    "ProviderRefund",
    "ProviderUnavailable",
    "RefundRequest",
    "RefundState",
    "RequestRejected",
    "StatementLine",
    "WebhookEvent",
    "WebhookKind",
    "open_payment_provider",
]
