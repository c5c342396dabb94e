"""When background work was last seen."""

from tortoise import fields
from tortoise.models import Model


class Heartbeat(Model):
    """When a process last brought a round of a loop, or something that is done regularly, to a good end."""

    task = fields.TextField()
    process_id = fields.BigIntField(primary_key=True, generated=False)
    seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "heartbeats"
