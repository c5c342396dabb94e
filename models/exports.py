"""Data exports: copies of all data of a user, created at their request."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns

DataExportRow = TypedDict(
    "DataExportRow",
    {
        "__typename": NotRequired[Literal["DataExport"]],
        "owner_id": int,
        "id": int,
        "requested_at": datetime,
        "ready_at": datetime | None,
        "expires_at": datetime,
        "bytes": int,
    },
)

DATA_EXPORT_COLUMNS = RowColumns(
    {name: f"x.{name}" for name in ("owner_id", "id", "requested_at", "ready_at", "expires_at", "bytes")},
    always=("owner_id", "id"),
)
"""The columns of a `DataExportRow` from `data_exports x`."""


class DataExportModel(Model):
    """A data export, written part by part. The next part has the rows of `section` after `after_place`.

    `bytes` is the size of the JSON so far.
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    requested_at = fields.DatetimeField()
    section = fields.BigIntField()
    after_place = fields.BigIntField()
    parts = fields.BigIntField()
    bytes = fields.BigIntField()
    ready_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "data_exports"


class DataExportPartModel(Model):
    """A part of the JSON, encrypted by `services/security/vault.py`. The parts in order are the complete JSON."""

    owner_id = fields.BigIntField()
    export_id = fields.BigIntField()
    place = fields.BigIntField(primary_key=True, generated=False)
    content = fields.BinaryField()

    class Meta(Model.Meta):
        table = "data_export_parts"
