"""Idempotency keys."""

from tortoise import fields
from tortoise.models import Model


class IdempotencyKeyModel(Model):
    """An idempotency key that a client sent for a mutation, with the result. Its scope is the person and the mutation.

    `input_hash` detects another input with the same key.
    """

    owner_id = fields.BigIntField()
    key = fields.CharField(100, primary_key=True)
    operation = fields.TextField()
    input_hash = fields.BinaryField()
    subject_owner_id = fields.BigIntField()
    subject_id = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "idempotency_keys"
