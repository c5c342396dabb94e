"""Verifies the rules of payments, wallets and the ledger over the whole database."""

from services.payments.verification.verify import LedgerVerification

__all__ = ["LedgerVerification"]
