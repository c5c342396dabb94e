"""The event log, the positions of the relay, dead events, and discarded events."""

from tortoise import fields
from tortoise.models import Model


class LoggedEventModel(Model):
    """An event of `events/` in its partition of the log. Events are ordered by `tx` (their transaction) and `id`."""

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


class RelayPositionModel(Model):
    """The last event of a partition that a relay has processed.

    The partition with the lowest `turn` is processed next. `attempts` is the number of failures of the event after the
    position when it was projected alone. `stalled_at` and `retry_at` are set while the database is too slow for it.
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


class DeadEventModel(Model):
    """A dead letter: an event that a relay could not project, with its last traceback."""

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


class DiscardedEventModel(Model):
    """An event or a job that an operator discarded. It will never be projected or done.

    `handler` is empty for an event, and `type` is empty for a job. `id` is the id of the owner's audit entry.
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
