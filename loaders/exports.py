"""Loaders of data exports."""

from adapters.database import ColumnVariants, Database
from core.columns import ColumnNames
from core.viewer import Viewer
from loaders.loader import OwnedKey, in_order, owners_and_ids, with_columns
from models.exports import DATA_EXPORT_COLUMNS, DataExportRow

_EXPORTS = ColumnVariants(
    DATA_EXPORT_COLUMNS,
    lambda columns, _: f"SELECT {columns} FROM data_exports x WHERE x.owner_id = ANY($1) AND x.id = ANY($2)",  # noqa: S608 - built from constants
)


@with_columns(DATA_EXPORT_COLUMNS)
async def data_export_by_id(
    database: Database, _viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[DataExportRow | None]:
    """Returns data exports, including expired ones that retention has not deleted yet."""
    rows = await database.fetch(_EXPORTS.of(columns), *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))
