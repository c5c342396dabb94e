"""The audit trail: a chain of entries per person, append-only, each sealed together with the one before it.

Triggers see to it that entries stay; `bff audit verify` finds what was changed regardless. Nothing personal is in it.
"""

from datetime import datetime
from typing import Literal, TypedDict

from tortoise import fields
from tortoise.models import Model

SecurityEventRow = TypedDict(
    "SecurityEventRow",
    {
        "__typename": Literal["SecurityEvent"],
        "owner_id": int,
        "id": int,
        "place": int,
        "kind": str,
        "device_id": int | None,
        "occurred_at": datetime,
    },
)
"""An entry as its owner sees it; `id` is that of the event it follows from."""

SECURITY_EVENT_COLUMNS = (
    "'SecurityEvent' AS __typename, a.owner_id, a.event_id AS id, a.place, a.kind, a.device_id, a.occurred_at"
)
"""Selects a `SecurityEventRow` from `audit_entries a`."""

DISCARDED = "EVENT_DISCARDED"
"""The kind of an entry which says that an operator discarded an event of the owner's."""

OWNERS_OWN = f"a.kind <> '{DISCARDED}'"
"""Whether an entry of `audit_entries a` is a `SecurityEventRow`: acts of operators are not shown as the owner's."""


class AuditEntry(Model):
    """What happened to a person's account; `place` counts theirs from 1, without a gap. Hashes are in hexadecimals."""

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


class AuditHead(Model):
    """Where a person's chain ends."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    place = fields.BigIntField()
    hash = fields.TextField()
    key_id = fields.TextField()
    seal = fields.TextField()

    class Meta(Model.Meta):
        table = "audit_heads"


class AuditTotal(Model):
    """The sum of the seals of all heads in a partition of the log, modulo 2**256."""

    partition = fields.BigIntField(primary_key=True, generated=False)
    total = fields.TextField()
    key_id = fields.TextField()
    seal = fields.TextField()

    class Meta(Model.Meta):
        table = "audit_totals"
