"""Work that follows from events and is done later."""

from tortoise import fields
from tortoise.models import Model


class Job(Model):
    """What `handler` has to do because of an event, with the event's place in the log and its fields as JSON.

    It may be taken from `due_at` on; whoever takes it gives it a new `lease`, and gives it up when it has another.
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


class DeadJob(Model):
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


class JobSchedule(Model):
    """When something that is done regularly was last made a job."""

    handler = fields.CharField(40, primary_key=True)
    slot_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "job_schedules"
