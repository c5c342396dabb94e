"""Loaders of payments."""

from adapters.database import ColumnVariants, Database
from core.columns import ColumnNames
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from models import cache_tags
from models.payments import PAYMENT_COLUMNS, PAYMENTS_BY_ID, PaymentRow

_PAYMENTS = ColumnVariants(
    PAYMENT_COLUMNS, lambda columns, _: f"SELECT {columns} {PAYMENTS_BY_ID}", cache_tags.reads_payments
)


@with_columns(PAYMENT_COLUMNS)
async def payment_by_id(
    database: Database, viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[PaymentRow | None]:
    """Returns payments from the viewer's side, or None if the viewer is not a party."""
    rows = await database.fetch(_PAYMENTS.of(columns), *owners_and_ids(keys), viewer.user_id)
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
