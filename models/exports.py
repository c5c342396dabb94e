"""Copies of everything that is kept about a person, made for them."""

from datetime import datetime
from typing import Literal, TypedDict

from tortoise import fields
from tortoise.models import Model

DataExportRow = TypedDict(
    "DataExportRow",
    {
        "__typename": Literal["DataExport"],
        "owner_id": int,
        "id": int,
        "requested_at": datetime,
        "ready_at": datetime | None,
        "expires_at": datetime,
        "bytes": int,
    },
)

DATA_EXPORT_COLUMNS = "'DataExport' AS __typename, x.owner_id, x.id, x.requested_at, x.ready_at, x.expires_at, x.bytes"
"""Selects a `DataExportRow` from `data_exports x`."""


class DataExport(Model):
    """A copy, made part by part: next are the rows of `section` behind `after_place`. `bytes` of JSON are there."""

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


class DataExportPart(Model):
    """A piece of the JSON, encrypted by `services/security/vault.py`; the pieces in order make the whole."""

    owner_id = fields.BigIntField()
    export_id = fields.BigIntField()
    place = fields.BigIntField(primary_key=True, generated=False)
    content = fields.BinaryField()

    class Meta(Model.Meta):
        table = "data_export_parts"
