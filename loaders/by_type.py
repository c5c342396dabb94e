"""Rows of any type by what a global id says."""

from typing import Any

from loaders.loader import Loaders

_OWNED = {
    "Comment": "comment_by_id",
    "Device": "device_by_id",
    "Notification": "notification_by_id",
    "Payment": "payment_by_id",
    "PaymentMethod": "payment_method_by_id",
    "Post": "post_by_id",
    "Wallet": "wallet_by_id",
    "WalletEntry": "wallet_entry_by_id",
}


async def load_row(loaders: Loaders, typename: str, owner_id: int, row_id: int) -> Any:
    """The row, or None when there is none; nobody's leave is asked."""
    if typename == "User":
        return await loaders.load("user_by_id", row_id)
    name = _OWNED.get(typename)
    return await loaders.load(name, (owner_id, row_id)) if name else None
