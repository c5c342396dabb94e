"""Refunds of transfers, and the choice between them and refunds of top-ups."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from core.viewer import SignedIn
from models.payments import PaymentRow
from services.payments.inputs import RefundPayment
from services.resources import Resources

RefundPaymentSuccessRow = TypedDict(
    "RefundPaymentSuccessRow",
    {"__typename": Literal["RefundPaymentSuccess"], "payment": PaymentRow, "refund": PaymentRow, "replayed": bool},
)


async def refund_payment(viewer: SignedIn, resources: Resources, request: RefundPayment) -> Mapping[str, Any]:
    """Returns the money of a payment, or a part of it, and returns a `RefundPaymentSuccessRow`."""
    raise NotImplementedError
