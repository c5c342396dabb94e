"""Payments, wallets and payment methods: types, inputs and results."""

from schema.payments.inputs import MoneyInput, amount_of
from schema.payments.methods import (
    AddPaymentMethodInput,
    AddPaymentMethodResult,
    RemovePaymentMethodInput,
    RemovePaymentMethodResult,
)
from schema.payments.refunds import RefundPaymentInput, RefundPaymentResult
from schema.payments.top_ups import TopUpWalletInput, TopUpWalletResult
from schema.payments.transfers import SendPaymentInput, SendPaymentResult
from schema.payments.types import Money, Payment, PaymentDirection, PaymentStatus
from schema.payments.wallets import PaymentMethod, Wallet, WalletEntry

__all__ = [
    "AddPaymentMethodInput",
    "AddPaymentMethodResult",
    "Money",
    "MoneyInput",
    "Payment",
    "PaymentDirection",
    "PaymentMethod",
    "PaymentStatus",
    "RefundPaymentInput",
    "RefundPaymentResult",
    "RemovePaymentMethodInput",
    "RemovePaymentMethodResult",
    "SendPaymentInput",
    "SendPaymentResult",
    "TopUpWalletInput",
    "TopUpWalletResult",
    "Wallet",
    "WalletEntry",
    "amount_of",
]
