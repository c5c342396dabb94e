"""Loaders of payments."""

from adapters.database import Database, TaggedSQL
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids
from models import cache_tags
from models.payments import PAYMENT_COLUMNS, PAYMENT_TABLES, PaymentRow

_PAYMENTS = TaggedSQL.of(
    (
        f"SELECT {PAYMENT_COLUMNS} FROM {PAYMENT_TABLES} "  # noqa: S608 - built from constants
        "WHERE pp.owner_id = $3 AND pp.payment_id = ANY($2) AND p.owner_id = ANY($1)"
    ),
    cache_tags.reads_payments,
)


async def payment_by_id(database: Database, viewer: Viewer, keys: list[OwnedKey]) -> list[PaymentRow | None]:
    """Returns payments from the viewer's side, or None if the viewer is not a party."""
    rows = await database.fetch(_PAYMENTS, *owners_and_ids(keys), viewer.user_id)
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
