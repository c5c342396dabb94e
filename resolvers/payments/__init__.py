"""Resolvers of payments, wallets and payment methods, and their mutations."""

from resolvers.payments.methods import PaymentMethodMutations
from resolvers.payments.refunds import RefundMutations
from resolvers.payments.top_ups import TopUpMutations
from resolvers.payments.transfers import TransferMutations
from resolvers.payments.viewer import PaymentsViewerFields

__all__ = [
    "PaymentMethodMutations",
    "PaymentsViewerFields",
    "RefundMutations",
    "TopUpMutations",
    "TransferMutations",
]
