"""What is known of secret keys, without the keys."""

from tortoise import fields
from tortoise.models import Model


class KeyState(Model):
    """A key that some process has had; by its fingerprint another secret with the same id is told from it."""

    key_id = fields.CharField(16, primary_key=True)
    fingerprint = fields.TextField()
    first_at = fields.DatetimeField(null=True)
    """Since when it has sealed something; null when it was never the first key of a process."""
    rotated_at = fields.DatetimeField(null=True)
    """Since when no personal data is sealed with it; null when some may be."""

    class Meta(Model.Meta):
        table = "key_states"


class KeyHolder(Model):
    """A process that runs, with the ids of its keys in their order, separated by spaces."""

    process_id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    key_ids = fields.TextField()
    seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "key_holders"
