"""Requests that may be repeated."""

from tortoise import fields
from tortoise.models import Model


class IdempotencyKey(Model):
    """A key that a person's app sent, with what it made; `input_hash` tells another input under the same key."""

    owner_id = fields.BigIntField()
    key = fields.CharField(100, primary_key=True)
    operation = fields.TextField()
    input_hash = fields.BinaryField()
    subject_owner_id = fields.BigIntField()
    subject_id = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency_keys"
