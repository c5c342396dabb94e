"""Differences between the ledger and the statement of the payment provider."""

from tortoise import fields
from tortoise.models import Model


class PaymentDifferenceModel(Model):
    """A difference that was found. `reference` is the provider's, or the ids of the payment if that is unknown."""

    provider = fields.TextField()
    reference = fields.CharField(255, primary_key=True)
    kind = fields.TextField()
    payment_owner_id = fields.BigIntField(null=True)
    payment_id = fields.BigIntField(null=True)
    happened_at = fields.DatetimeField()
    found_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "payment_differences"
