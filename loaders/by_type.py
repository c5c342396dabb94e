"""Rows of any type by what a global id says."""

import asyncio
from collections.abc import Iterable
from typing import Any

from loaders.loader import Loaders

_LOADERS = {
    "Comment": "comment_by_id",
    "DataExport": "data_export_by_id",
    "Device": "device_by_id",
    "Notification": "notification_by_id",
    "Payment": "payment_by_id",
    "PaymentMethod": "payment_method_by_id",
    "Post": "post_by_id",
    "SecurityEvent": "security_event_by_id",
    "User": "user_by_id",
    "Wallet": "wallet_by_id",
    "WalletEntry": "wallet_entry_by_id",
}


async def load_row(loaders: Loaders, typename: str, owner_id: int, row_id: int) -> Any:
    """The row, or None when there is none; nobody's leave is asked."""
    (row,) = await load_rows(loaders, [(typename, owner_id, row_id)])
    return row


async def load_rows(loaders: Loaders, wanted: Iterable[tuple[str | None, int, int]]) -> list[Any]:
    """The rows of types, owners and ids, in their order; None for what does not exist. Nobody's leave is asked."""
    places = list(wanted)
    keys: dict[str, list[Any]] = {}
    for typename, owner_id, row_id in places:
        if typename in _LOADERS:
            keys.setdefault(typename, []).append(_key(typename, owner_id, row_id))
    found = await asyncio.gather(*(loaders.load_level(_LOADERS[typename], each) for typename, each in keys.items()))
    rows = {typename: iter(each) for typename, each in zip(keys, found, strict=True)}
    return [next(rows[typename]) if typename in rows else None for typename, _, _ in places]


def _key(typename: str, owner_id: int, row_id: int) -> Any:
    return row_id if typename == "User" else (owner_id, row_id)
