"""Usage of the schema by apps. The rows have no owner, so keys begin with the day, by which retention deletes rows."""

from tortoise import fields
from tortoise.models import Model


class UsageCountModel(Model):
    """The number of times that an app version sent an operation on a day."""

    seen_on = fields.DateField()
    app = fields.TextField()
    version = fields.TextField()
    operation = fields.TextField()
    shape = fields.CharField(64, primary_key=True)
    uses = fields.BigIntField()

    class Meta(Model.Meta):
        table = "usage_counts"


class UsageShapeModel(Model):
    """The sorted fields that an operation selects, such as `Query.viewer Viewer.user`, and the SHA-256 of that text."""

    hash = fields.CharField(64, primary_key=True)
    coordinates = fields.TextField()
    last_seen_on = fields.DateField()

    class Meta(Model.Meta):
        table = "usage_shapes"


class UsageDayModel(Model):
    """A day on which a server counted usage, and the number of uses that the counts of the day lack."""

    seen_on = fields.DateField(primary_key=True)
    left_out = fields.BigIntField()

    class Meta(Model.Meta):
        table = "usage_days"
