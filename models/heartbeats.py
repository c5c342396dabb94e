"""Heartbeats of background loops and scheduled handlers."""

from tortoise import fields
from tortoise.models import Model


class HeartbeatModel(Model):
    """The last time at which a process completed a round of a loop, or a scheduled handler."""

    task = fields.TextField()
    process_id = fields.BigIntField(primary_key=True, generated=False)
    seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "heartbeats"
