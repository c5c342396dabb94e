"""The log of what happened."""

from tortoise import fields
from tortoise.models import Model


class LoggedEvent(Model):
    """An event of `events/`, in the order of `tx` (of its transaction) and `id`."""

    tx = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    type = fields.TextField()
    version = fields.BigIntField()
    actor_id = fields.BigIntField()
    data = fields.TextField()
    occurred_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "event_log"
