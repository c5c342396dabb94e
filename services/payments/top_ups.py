"""Top-ups: money from a card to the wallet of its owner."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from core.viewer import SignedIn
from models.payments import PaymentRow
from models.wallets import WalletRow
from services.payments.inputs import TopUp
from services.resources import Resources

TopUpWalletSuccessRow = TypedDict(
    "TopUpWalletSuccessRow",
    {"__typename": Literal["TopUpWalletSuccess"], "payment": PaymentRow, "wallet": WalletRow, "replayed": bool},
)


async def top_up_wallet(viewer: SignedIn, resources: Resources, request: TopUp) -> Mapping[str, Any]:
    """Charges a card and returns a `TopUpWalletSuccessRow`."""
    raise NotImplementedError
