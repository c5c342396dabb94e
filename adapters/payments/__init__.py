"""The payment provider: holds cards, charges them and refunds charges."""

from adapters.payments.base import (
    Action,
    Card,
    CardRefused,
    ChargeRequest,
    ChargeState,
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

__all__ = [
    "Action",
    "Card",
    "CardRefused",
    "ChargeRequest",
    "ChargeState",
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
