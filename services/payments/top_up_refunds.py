"""Refunds of top-ups: money from the wallet back to the card."""

from collections.abc import Mapping
from typing import Any

from core.viewer import SignedIn
from models.payments import PaymentRow
from services.payments.inputs import RefundPayment
from services.resources import Resources


async def refund_top_up(
    viewer: SignedIn, resources: Resources, original: PaymentRow, request: RefundPayment
) -> Mapping[str, Any]:
    """Starts a refund to the card and returns a `RefundPaymentSuccessRow`.

    `original` is a top-up of the viewer as it was before the refund.
    """
    raise NotImplementedError
