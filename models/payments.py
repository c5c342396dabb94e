"""Payments. Amounts are integers in minor units of a currency."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns
from models.users import UserRow, joined_user, unblocked

PaymentRow = TypedDict(
    "PaymentRow",
    {
        "__typename": NotRequired[Literal["Payment"]],
        "owner_id": int,
        "id": int,
        "party_id": int,
        "kind": str,
        "status": str,
        "direction": str,
        "amount": int,
        "refunded_amount": int,
        "currency": str,
        "note": str | None,
        "failure_code": str | None,
        "created_at": datetime,
        "updated_at": datetime,
        "action_url": str | None,
        "action_secret": str | None,
        "counterparty_id": int | None,
        "counterparty": UserRow | None,
    },
)

_OF_PAYMENT = (
    "owner_id",
    "id",
    "kind",
    "status",
    "amount",
    "refunded_amount",
    "currency",
    "note",
    "failure_code",
    "created_at",
    "updated_at",
    "action_url",
    "action_secret",
)
"""The columns of `payments` in a `PaymentRow`."""

PAYMENT_COLUMNS = RowColumns(
    {
        **{name: f"p.{name}" for name in _OF_PAYMENT},
        "party_id": "pp.owner_id",
        "direction": "pp.direction",
        "counterparty_id": "pp.counterparty_id",
        **joined_user("counterparty", "u"),
    },
    always=("owner_id", "id", "party_id", "counterparty_id"),
)
"""The columns of a `PaymentRow` from `PAYMENT_TABLES`."""

PAYMENT_TABLES = (
    "payment_parties pp JOIN payments p ON p.owner_id = pp.payment_owner_id AND p.id = pp.payment_id "
    f"LEFT JOIN users u ON u.id = pp.counterparty_id AND {unblocked('pp.owner_id', 'pp.counterparty_id')}"
)
"""The tables of a `PaymentRow`: payments from the side of one of their parties (`pp.owner_id`)."""

PAYMENTS_BY_ID = (
    f"FROM {PAYMENT_TABLES} WHERE pp.owner_id = $3 AND pp.payment_id = ANY($2) AND pp.payment_owner_id = ANY($1)"
)
"""The end of a statement, behind its columns. It reads payments by ids of owners and ids, from the side of party $3."""


class PaymentModel(Model):
    """A payment, in the partition of the user who started it."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    kind = fields.TextField()
    status = fields.TextField()
    amount = fields.BigIntField()
    refunded_amount = fields.BigIntField()
    currency = fields.TextField()
    note = fields.TextField(null=True)
    failure_code = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    sealed_at = fields.DatetimeField(null=True)
    """The time at which it was sealed. NULL exactly while it is PENDING."""
    method_id = fields.BigIntField(null=True)
    """The payment method of a top-up."""
    refunds_owner_id = fields.BigIntField(null=True)
    refunds_id = fields.BigIntField(null=True)
    """With `refunds_owner_id`: the payment that a REFUND refunds, or the refund whose money came back."""
    cause = fields.TextField(null=True)
    """The cause, if the provider caused it: CHARGEBACK or CHARGEBACK_REVERSED (REFUND), REFUND_RETURNED (TOP_UP)."""
    provider = fields.TextField(null=True)
    provider_reference = fields.TextField(null=True)
    action_url = fields.TextField(null=True)
    """With `action_secret`: what the app needs to confirm a PENDING top-up."""
    action_secret = fields.TextField(null=True)

    class Meta(Model.Meta):
        table = "payments"


class PaymentPartyModel(Model):
    """A payment in the list of one of its parties, from the side of that party."""

    owner_id = fields.BigIntField()
    payment_id = fields.BigIntField(primary_key=True, generated=False)
    payment_owner_id = fields.BigIntField()
    direction = fields.TextField()
    counterparty_id = fields.BigIntField(null=True)

    class Meta(Model.Meta):
        table = "payment_parties"


class OpenPaymentModel(Model):
    """A PENDING payment about which the job asks the provider, and when it asks next."""

    owner_id = fields.BigIntField()
    payment_id = fields.BigIntField(primary_key=True, generated=False)
    due_at = fields.DatetimeField()
    attempts = fields.BigIntField()

    class Meta(Model.Meta):
        table = "open_payments"


class ProviderPaymentModel(Model):
    """The payment that a provider knows by a reference."""

    provider = fields.TextField()
    reference = fields.CharField(255, primary_key=True)
    payment_owner_id = fields.BigIntField()
    payment_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "provider_payments"


class ProviderEventModel(Model):
    """A webhook of a provider that was handled."""

    provider = fields.TextField()
    event_id = fields.CharField(255, primary_key=True)
    kind = fields.TextField()
    received_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "provider_events"
