"""Payments, wallets and payment methods."""

from services.payments.history import payments
from services.payments.inputs import AddPaymentMethod, Amount, RefundPayment, SendPayment, TopUp
from services.payments.methods import add_payment_method, remove_payment_method
from services.payments.refunds import refund_payment
from services.payments.top_ups import top_up_wallet
from services.payments.transfers import send_payment
from services.payments.wallets import find_wallet, payment_methods

__all__ = [
    "AddPaymentMethod",
    "Amount",
    "RefundPayment",
    "SendPayment",
    "TopUp",
    "add_payment_method",
    "find_wallet",
    "payment_methods",
    "payments",
    "refund_payment",
    "remove_payment_method",
    "send_payment",
    "top_up_wallet",
]
