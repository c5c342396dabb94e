"""Payments from the viewpoint of one of their parties."""

from adapters.database import Database, TaggedSQL
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.payments import PAYMENT_COLUMNS, PAYMENT_TABLES, PaymentRow

_PAYMENTS = TaggedSQL.of(
    (
        f"SELECT {PAYMENT_COLUMNS} FROM {PAYMENT_TABLES} "  # noqa: S608 - built from constants
        "WHERE pp.owner_id = $1 AND pp.payment_id < $2 ORDER BY pp.payment_id DESC LIMIT $3"
    ),
    cache_tags.reads_payments,
)


async def payments(viewer: SignedIn, database: Database, page_request: PageRequest) -> Page[PaymentRow]:
    """Returns the viewer's payments, newest first. The counterparty is None if one of the two has blocked the other."""
    rows = await database.fetch(_PAYMENTS, viewer.user_id, page_request.after_or(MAX_ID), page_request.limit)
    return page_request.page(rows)
