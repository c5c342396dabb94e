"""Payments as one of their parties sees them."""

from adapters.database import Database
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models.payments import PAYMENT_COLUMNS, PAYMENT_TABLES, PaymentRow

_PAYMENTS = (
    f"SELECT {PAYMENT_COLUMNS} FROM {PAYMENT_TABLES} "  # noqa: S608 - built from constants
    "WHERE pp.owner_id = $1 AND pp.payment_id < $2 ORDER BY pp.payment_id DESC LIMIT $3"
)


async def payments(viewer: SignedIn, database: Database, wanted: PageRequest) -> Page[PaymentRow]:
    """The viewer's payments, newest first; the counterparty is None when a block stands between the two."""
    rows = await database.fetch(_PAYMENTS, viewer.user_id, wanted.after_or(MAX_ID), wanted.limit)
    return wanted.page(rows)
