"""Transfers: money from one user's wallet to another's."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from core.viewer import SignedIn
from models.payments import PaymentRow
from models.wallets import WalletRow
from services.payments.inputs import SendPayment
from services.resources import Resources

SendPaymentSuccessRow = TypedDict(
    "SendPaymentSuccessRow",
    {"__typename": Literal["SendPaymentSuccess"], "payment": PaymentRow, "wallet": WalletRow, "replayed": bool},
)


async def send_payment(viewer: SignedIn, resources: Resources, request: SendPayment) -> Mapping[str, Any]:
    """Sends money and returns a `SendPaymentSuccessRow`."""
    raise NotImplementedError
