"""The log of what happened, and who has read it how far."""

from tortoise import fields
from tortoise.models import Model


class LoggedEvent(Model):
    """An event of `events/`, in its partition of the log, in the order of `tx` (of its transaction) and `id`."""

    partition = fields.BigIntField()
    tx = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    type = fields.TextField()
    version = fields.BigIntField()
    actor_id = fields.BigIntField()
    data = fields.TextField()
    occurred_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "event_log"


class RelayPosition(Model):
    """The last event of a partition that relays have dealt with.

    Partitions take turns: the one with the lowest `turn` is next. `attempts` counts how often the event behind the
    position has failed by itself. `stalled_at` and `retry_at` are set while the database is too slow for it.
    """

    partition = fields.BigIntField(primary_key=True, generated=False)
    tx = fields.BigIntField()
    id = fields.BigIntField()
    turn = fields.BigIntField(default=0)
    attempts = fields.BigIntField(default=0)
    stalled_at = fields.DatetimeField(null=True)
    retry_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "relay_positions"


class DeadEvent(Model):
    """An event that a relay could not project, set aside with the reason."""

    partition = fields.BigIntField()
    tx = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    type = fields.TextField()
    version = fields.BigIntField()
    actor_id = fields.BigIntField()
    data = fields.TextField()
    error = fields.TextField()
    occurred_at = fields.DatetimeField()
    died_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "dead_events"


class DiscardedEvent(Model):
    """An event or a job that an operator discarded: it is never projected or done.

    `handler` is empty for the event itself, and `type` for a job. `id` is that of the entry in the owner's audit trail.
    """

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    event_id = fields.BigIntField()
    handler = fields.TextField()
    type = fields.TextField()
    reason = fields.TextField()
    occurred_at = fields.DatetimeField()
    discarded_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "discarded_events"
