"""The audit trail: an append-only chain of entries per account. The seal of an entry covers the entry before it.

Triggers reject updates and deletes, and `bff audit verify` detects changes. The audit trail has no personal data.
"""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns

SecurityEventRow = TypedDict(
    "SecurityEventRow",
    {
        "__typename": NotRequired[Literal["SecurityEvent"]],
        "owner_id": int,
        "id": int,
        "place": int,
        "kind": str,
        "device_id": int | None,
        "occurred_at": datetime,
    },
)
"""An entry as its owner sees it. `id` is the id of the event from which it was projected."""

SECURITY_EVENT_COLUMNS = RowColumns(
    {
        "owner_id": "a.owner_id",
        "id": "a.event_id",
        "place": "a.place",
        "kind": "a.kind",
        "device_id": "a.device_id",
        "occurred_at": "a.occurred_at",
    },
    always=("owner_id", "id", "place"),
)
"""The columns of a `SecurityEventRow` from `audit_entries a`."""

DISCARDED = "EVENT_DISCARDED"
"""The kind of an entry that records that an operator discarded an event of the owner."""

IS_SHOWN_TO_OWNER = f"a.kind <> '{DISCARDED}'"
"""A predicate: an entry of `audit_entries a` is a `SecurityEventRow`. Actions of operators are not shown to owners."""


class AuditEntryModel(Model):
    """A security event of an account. `place` counts the account's entries from 1 without gaps. Hashes are in hex."""

    owner_id = fields.BigIntField()
    place = fields.BigIntField()
    kind = fields.TextField()
    device_id = fields.BigIntField(null=True)
    event_id = fields.BigIntField(primary_key=True, generated=False)
    occurred_at = fields.DatetimeField()
    key_id = fields.TextField()
    previous_hash = fields.TextField()
    hash = fields.TextField()

    class Meta(Model.Meta):
        table = "audit_entries"


class AuditHeadModel(Model):
    """The end of the chain of an account."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    place = fields.BigIntField()
    hash = fields.TextField()
    key_id = fields.TextField()
    seal = fields.TextField()

    class Meta(Model.Meta):
        table = "audit_heads"


class AuditTotalModel(Model):
    """The sum of the seals of all heads in a partition of the log, modulo 2**256."""

    partition = fields.BigIntField(primary_key=True, generated=False)
    total = fields.TextField()
    key_id = fields.TextField()
    seal = fields.TextField()

    class Meta(Model.Meta):
        table = "audit_totals"
