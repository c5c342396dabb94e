"""Payments from the viewpoint of one of their parties."""

from collections.abc import Sequence

from adapters.database import ColumnVariants, Database, Queries, TaggedSQL
from adapters.payments import PaymentKey
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.payments import PAYMENT_COLUMNS, PAYMENT_TABLES, PAYMENTS_BY_ID, PaymentRow

_PAYMENTS = ColumnVariants(
    PAYMENT_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM {PAYMENT_TABLES} "  # noqa: S608 - built from constants
        "WHERE pp.owner_id = $1 AND pp.payment_id < $2 ORDER BY pp.payment_id DESC LIMIT $3"
    ),
    cache_tags.reads_payments,
)
_BY_ID = TaggedSQL.of(f"SELECT {PAYMENT_COLUMNS.sql()} {PAYMENTS_BY_ID}", cache_tags.reads_payments)


async def payments(
    viewer: SignedIn, database: Database, page_request: PageRequest, columns: ColumnNames | None = None
) -> Page[PaymentRow]:
    """Returns the viewer's payments, newest first. The counterparty is None if one of the two has blocked the other."""
    after = page_request.after_or(MAX_ID)
    rows = await database.fetch(_PAYMENTS.of(columns), viewer.user_id, after, page_request.limit)
    return page_request.page(rows)


async def find_payments(viewer: SignedIn, queries: Queries, keys: Sequence[PaymentKey]) -> list[PaymentRow | None]:
    """Returns payments by owner's id and id, in order, from the viewer's side; None if the viewer is not a party."""
    owners, ids = [key.owner_id for key in keys], [key.id for key in keys]
    rows = await queries.fetch(_BY_ID, owners, ids, viewer.user_id)
    found: dict[PaymentKey, PaymentRow] = {PaymentKey(row["owner_id"], row["id"]): row for row in rows}
    return [found.get(key) for key in keys]
