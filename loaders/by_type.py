"""Reads rows of any type by the parts of a global id."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from core.columns import ColumnNames
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

TYPENAMES = {loader: typename for typename, loader in _LOADERS.items()}
"""The type of the rows of each loader."""


def _all_columns(_typename: str) -> None:
    """Returns None, which stands for all columns."""


async def load_row(loaders: Loaders, typename: str, owner_id: int, row_id: int) -> Any:
    """Returns the row, or None if it does not exist. Does not check the policy."""
    (row,) = await load_rows(loaders, [(typename, owner_id, row_id)])
    return row


async def load_rows(
    loaders: Loaders,
    ids: Iterable[tuple[str | None, int, int]],
    columns_of: Callable[[str], ColumnNames | None] = _all_columns,
) -> list[Any]:
    """Returns one row per (type name, owner id, row id), or None if it does not exist. Does not check the policy.

    `columns_of` returns the columns that are read of rows of a type, or None for all. Rows have `__typename`.
    """
    ids = list(ids)
    keys: dict[str, list[Any]] = {}
    for typename, owner_id, row_id in ids:
        if typename in _LOADERS:
            keys.setdefault(typename, []).append(_key(typename, owner_id, row_id))
    results = await asyncio.gather(
        *(
            loaders.load_level(_LOADERS[typename], type_keys, columns_of(typename))
            for typename, type_keys in keys.items()
        )
    )
    rows = {typename: iter(_named(typename, found)) for typename, found in zip(keys, results, strict=True)}
    return [next(rows[typename]) if typename in rows else None for typename, _, _ in ids]


def _named(typename: str, rows: list[Any]) -> list[Any]:
    """Returns the rows with their type, which their statement does not select."""
    for row in rows:
        if isinstance(row, dict):
            row["__typename"] = typename
    return rows


def _key(typename: str, owner_id: int, row_id: int) -> Any:
    return row_id if typename == "User" else (owner_id, row_id)
