"""The frequency of notification e-mails, and digests: e-mails that list the notifications of a day or a week."""

from tortoise import fields
from tortoise.models import Model

DEFAULT_FREQUENCY = "IMMEDIATE"
"""The frequency of a user who has chosen none."""


class EmailPreferenceModel(Model):
    """The frequency of e-mails that a user has chosen: IMMEDIATE, DAILY or WEEKLY."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    frequency = fields.TextField()

    class Meta(Model.Meta):
        table = "email_preferences"


class NotificationDigestModel(Model):
    """A digest that a worker has begun to send. `period_id` is the id of the instant at which it is due.

    `attempts` are the calls that have begun.
    """

    owner_id = fields.BigIntField()
    period_id = fields.BigIntField(primary_key=True, generated=False)
    state = fields.TextField()
    attempts = fields.BigIntField()
    begun_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "notification_digests"
