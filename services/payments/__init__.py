"""Payments, wallets and payment methods."""

from services.payments.differences import count_differences
from services.payments.history import payments
from services.payments.inputs import AddPaymentMethod, Amount, RefundPayment, SendPayment, TopUp
from services.payments.methods import add_payment_method, remove_payment_method
from services.payments.open_payments import measure_open_payments
from services.payments.refunds import refund_payment
from services.payments.top_ups import top_up_wallet
from services.payments.transfers import send_payment
from services.payments.wallets import find_wallet, payment_methods
from services.payments.webhooks import Received, receive_webhook

__all__ = [
    "AddPaymentMethod",
    "Amount",
    "Received",
    "RefundPayment",
    "SendPayment",
    "TopUp",
    "add_payment_method",
    "count_differences",
    "find_wallet",
    "measure_open_payments",
    "payment_methods",
    "payments",
    "receive_webhook",
    "refund_payment",
    "remove_payment_method",
    "send_payment",
    "top_up_wallet",
]
