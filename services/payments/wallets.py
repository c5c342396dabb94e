"""Wallets and payment methods."""

from adapters.database import ColumnVariants, Database, Queries
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.wallets import PAYMENT_METHOD_COLUMNS, WALLET_COLUMNS, PaymentMethodRow, WalletRow

_WALLET = ColumnVariants(
    WALLET_COLUMNS,
    lambda columns, _: f"SELECT {columns} FROM wallets w WHERE w.owner_id = $1 ORDER BY w.id LIMIT 1",  # noqa: S608 - built from constants
    cache_tags.reads_wallets,
)
_METHODS = ColumnVariants(
    PAYMENT_METHOD_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM payment_methods m "  # noqa: S608 - built from constants
        "WHERE m.owner_id = $1 AND m.id < $2 AND m.removed_at IS NULL ORDER BY m.id DESC LIMIT $3"
    ),
    cache_tags.reads_wallets,
)


async def find_wallet(viewer: SignedIn, queries: Queries, columns: ColumnNames | None = None) -> WalletRow | None:
    """Returns the viewer's wallet, or None before there is one."""
    rows = await queries.fetch(_WALLET.of(columns), viewer.user_id)
    return rows[0] if rows else None


async def payment_methods(
    viewer: SignedIn, database: Database, page_request: PageRequest, columns: ColumnNames | None = None
) -> Page[PaymentMethodRow]:
    """Returns the viewer's payment methods, newest first."""
    after = page_request.after_or(MAX_ID)
    rows = await database.fetch(_METHODS.of(columns), viewer.user_id, after, page_request.limit)
    return page_request.page(rows)
