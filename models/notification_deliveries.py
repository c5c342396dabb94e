"""Deliveries of notifications to phones and mailboxes."""

from tortoise import fields
from tortoise.models import Model


class NotificationDeliveryModel(Model):
    """The delivery of a notification to a phone or, with the device id 0, to the mailbox of its owner.

    `attempts` are the calls since the last one that succeeded, and `sent` the calls that succeeded. `shown_at` is the
    time of the latest event that was sent, and `due_at` the time before which no call is made.
    """

    owner_id = fields.BigIntField()
    notification_id = fields.BigIntField(primary_key=True, generated=False)
    channel = fields.TextField()
    device_id = fields.BigIntField()
    state = fields.TextField()
    attempts = fields.BigIntField()
    sent = fields.BigIntField()
    begun_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    shown_at = fields.DatetimeField(null=True)
    due_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "notification_deliveries"
