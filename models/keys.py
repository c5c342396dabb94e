"""The state of secret keys, without the keys themselves."""

from tortoise import fields
from tortoise.models import Model


class KeyStateModel(Model):
    """A key that a process has had. The fingerprint detects another secret with the same id."""

    key_id = fields.CharField(16, primary_key=True)
    fingerprint = fields.TextField()
    first_at = fields.DatetimeField(null=True)
    """The time since which it has sealed data; null if it was never the first key of a process."""
    rotated_at = fields.DatetimeField(null=True)
    """The time since which no personal data is sealed with it; null if there may be some."""

    class Meta(Model.Meta):
        table = "key_states"


class KeyHolderModel(Model):
    """A running process, with the ids of its keys in order, separated by spaces."""

    process_id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    key_ids = fields.TextField()
    seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "key_holders"
