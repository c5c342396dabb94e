"""Jobs, dead jobs, and the schedule of regular jobs."""

from tortoise import fields
from tortoise.models import Model


class JobModel(Model):
    """A job that `handler` does for an event, with the event's position in the log and its fields as JSON.

    A worker may take it from `due_at` on and then sets a new `lease`. A worker that finds another lease stops.
    """

    owner_id = fields.BigIntField()
    event_id = fields.BigIntField(primary_key=True, generated=False)
    handler = fields.TextField()
    event_tx = fields.BigIntField()
    data = fields.TextField()
    attempts = fields.BigIntField()
    lease = fields.BigIntField()
    due_at = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "jobs"


class DeadJobModel(Model):
    """A job that failed too often, with its last traceback."""

    owner_id = fields.BigIntField()
    event_id = fields.BigIntField(primary_key=True, generated=False)
    handler = fields.TextField()
    event_tx = fields.BigIntField()
    data = fields.TextField()
    error = fields.TextField()
    created_at = fields.DatetimeField()
    died_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "dead_jobs"


class JobScheduleModel(Model):
    """The last time at which a regular job was created."""

    handler = fields.CharField(40, primary_key=True)
    slot_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "job_schedules"
