"""Wallets, the ledger behind them, and payment methods. Amounts are integers in minor units.

The ledger is double-entry and append-only. The entries of a payment sum to zero when it is sealed; triggers enforce
this and reject later changes. An account is an owner and a name: WALLET is the money that a user can spend, PENDING the
money that is coming in. PROVIDER and PLATFORM are the other sides, in the partition of the user with whom they
transact.
"""

from datetime import date, datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns

WalletRow = TypedDict(
    "WalletRow",
    {
        "__typename": NotRequired[Literal["Wallet"]],
        "owner_id": int,
        "id": int,
        "currency": str,
        "available": int,
        "pending": int,
    },
)

WalletEntryRow = TypedDict(
    "WalletEntryRow",
    {
        "__typename": NotRequired[Literal["WalletEntry"]],
        "owner_id": int,
        "id": int,
        "amount": int,
        "balance_after": int,
        "currency": str,
        "created_at": datetime,
        "payment_owner_id": int,
        "payment_id": int,
    },
)

PaymentMethodRow = TypedDict(
    "PaymentMethodRow",
    {
        "__typename": NotRequired[Literal["PaymentMethod"]],
        "owner_id": int,
        "id": int,
        "brand": str,
        "last_four": str,
        "expires_on": date | None,
        "is_default": bool,
    },
)


def _columns(table: str, names: str) -> RowColumns:
    """Returns columns of one table, of which the key is selected always."""
    return RowColumns({name: f"{table}.{name}" for name in names.split()}, always=("owner_id", "id"))


WALLET_COLUMNS = _columns("w", "owner_id id currency available pending")
"""The columns of a `WalletRow` from `wallets w`."""

WALLET_ENTRY_COLUMNS = _columns("e", "owner_id id amount balance_after currency created_at payment_owner_id payment_id")
"""The columns of a `WalletEntryRow` from `ledger_entries e` with `e.account = 'WALLET'`."""

PAYMENT_METHOD_COLUMNS = _columns("m", "owner_id id brand last_four expires_on is_default")
"""The columns of a `PaymentMethodRow` from `payment_methods m`; those in use have `m.removed_at IS NULL`."""


class WalletModel(Model):
    """The balance of a user, which equals the sums of the ledger accounts WALLET and PENDING."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    currency = fields.TextField()
    available = fields.BigIntField()
    pending = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "wallets"


class LedgerEntryModel(Model):
    """One side of a transfer. `balance_after` is the account's balance; only entries of WALLET have it."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    account = fields.TextField()
    payment_owner_id = fields.BigIntField()
    payment_id = fields.BigIntField()
    amount = fields.BigIntField()
    currency = fields.TextField()
    balance_after = fields.BigIntField(null=True)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "ledger_entries"


class PaymentMethodModel(Model):
    """A card that the payment provider stores under `provider_reference`."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    provider_reference = fields.TextField()
    brand = fields.TextField()
    last_four = fields.TextField()
    expires_on = fields.DateField(null=True)
    is_default = fields.BooleanField()
    created_at = fields.DatetimeField()
    removed_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "payment_methods"
