"""Payments, wallets and payment methods."""

from services.payments.history import payments
from services.payments.wallets import find_wallet, payment_methods

__all__ = ["find_wallet", "payment_methods", "payments"]
