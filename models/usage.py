"""What apps use of the schema. It is nobody's, so keys begin with the day, by which rows are forgotten."""

from tortoise import fields
from tortoise.models import Model


class UsageCount(Model):
    """How often a version of an app sent an operation on a day."""

    seen_on = fields.DateField()
    app = fields.TextField()
    version = fields.TextField()
    operation = fields.TextField()
    shape = fields.CharField(64, primary_key=True)
    uses = fields.BigIntField()

    class Meta(Model.Meta):
        table = "usage_counts"


class UsageShape(Model):
    """The fields that an operation selects, like `Query.viewer Viewer.user`, sorted, and the SHA-256 of that."""

    hash = fields.CharField(64, primary_key=True)
    coordinates = fields.TextField()
    last_seen_on = fields.DateField()

    class Meta(Model.Meta):
        table = "usage_shapes"


class UsageDay(Model):
    """A day on which a server counted, and how many uses the counts of it lack."""

    seen_on = fields.DateField(primary_key=True)
    left_out = fields.BigIntField()

    class Meta(Model.Meta):
        table = "usage_days"
