"""Loaders of payments."""

from adapters.database import Database, TaggedSQL
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids
from models import cache_tags
from models.payments import PAYMENTS_BY_ID, PaymentRow

_PAYMENTS = TaggedSQL.of(PAYMENTS_BY_ID, cache_tags.reads_payments)


async def payment_by_id(database: Database, viewer: Viewer, keys: list[OwnedKey]) -> list[PaymentRow | None]:
    """Returns payments from the viewer's side, or None if the viewer is not a party."""
    rows = await database.fetch(_PAYMENTS, *owners_and_ids(keys), viewer.user_id)
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
