"""Loaders of wallets, wallet entries and payment methods."""

from adapters.database import ColumnVariants, Database
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest, SortKey
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from loaders.paged import pages, rows_per_key
from models import cache_tags
from models.wallets import (
    PAYMENT_METHOD_COLUMNS,
    WALLET_COLUMNS,
    WALLET_ENTRY_COLUMNS,
    PaymentMethodRow,
    WalletEntryRow,
    WalletRow,
)

_WALLETS = ColumnVariants(
    WALLET_COLUMNS,
    lambda columns, _: f"SELECT {columns} FROM wallets w WHERE w.owner_id = ANY($1) AND w.id = ANY($2)",  # noqa: S608 - built from constants
    cache_tags.reads_wallets,
)
_ENTRIES = ColumnVariants(
    WALLET_ENTRY_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM ledger_entries e "  # noqa: S608 - built from constants
        "WHERE e.owner_id = ANY($1) AND e.id = ANY($2) AND e.account = 'WALLET'"
    ),
    cache_tags.reads_wallets,
)
_METHODS = ColumnVariants(
    PAYMENT_METHOD_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM payment_methods m "  # noqa: S608 - built from constants
        "WHERE m.owner_id = ANY($1) AND m.id = ANY($2) AND m.removed_at IS NULL"
    ),
    cache_tags.reads_wallets,
)
_ENTRIES_BY_OWNER = ColumnVariants(
    WALLET_ENTRY_COLUMNS,
    lambda columns, _: rows_per_key(
        columns,
        "ledger_entries e",
        keys=("e.owner_id",),
        where="e.account = 'WALLET' AND e.id < $2",
        order="e.id DESC",
        limit="$3",
    ),
    cache_tags.reads_wallets,
)


@with_columns(WALLET_COLUMNS)
async def wallet_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[WalletRow | None]:
    rows = await database.fetch(_WALLETS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


@with_columns(WALLET_ENTRY_COLUMNS)
async def wallet_entry_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[WalletEntryRow | None]:
    rows = await database.fetch(_ENTRIES.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


@with_columns(PAYMENT_METHOD_COLUMNS)
async def payment_method_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[PaymentMethodRow | None]:
    rows = await database.fetch(_METHODS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


@with_columns(WALLET_ENTRY_COLUMNS)
async def entries_by_owner(
    database: Database, _viewer: Viewer, keys: list[tuple[int, PageRequest]], columns: ColumnNames | None = None
) -> list[Page[WalletEntryRow]]:
    """Returns a page of wallet entries for each owner, newest first. Only the owner can see a wallet."""
    statement = _ENTRIES_BY_OWNER.of(columns)

    async def read(owner_ids: list[int], limit: int, after: SortKey | None) -> list[WalletEntryRow]:
        return await database.fetch(statement, owner_ids, after[0] if after else MAX_ID, limit)

    return await pages(keys, read, lambda row: row["owner_id"])
