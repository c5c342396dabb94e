"""Wallets and payment methods."""

from adapters.database import Database, Queries, TaggedSQL
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.wallets import PAYMENT_METHOD_COLUMNS, WALLET_COLUMNS, PaymentMethodRow, WalletRow

_WALLET = TaggedSQL.of(
    f"SELECT {WALLET_COLUMNS} FROM wallets w WHERE w.owner_id = $1 ORDER BY w.id LIMIT 1",  # noqa: S608 - built from constants
    cache_tags.reads_wallets,
)
_METHODS = TaggedSQL.of(
    (
        f"SELECT {PAYMENT_METHOD_COLUMNS} FROM payment_methods m "  # noqa: S608 - built from constants
        "WHERE m.owner_id = $1 AND m.id < $2 AND m.removed_at IS NULL ORDER BY m.id DESC LIMIT $3"
    ),
    cache_tags.reads_wallets,
)


async def find_wallet(viewer: SignedIn, queries: Queries) -> WalletRow | None:
    """Returns the viewer's wallet, or None before there is one."""
    rows = await queries.fetch(_WALLET, viewer.user_id)
    return rows[0] if rows else None


async def payment_methods(viewer: SignedIn, database: Database, page_request: PageRequest) -> Page[PaymentMethodRow]:
    """Returns the viewer's payment methods, newest first."""
    rows = await database.fetch(_METHODS, viewer.user_id, page_request.after_or(MAX_ID), page_request.limit)
    return page_request.page(rows)
