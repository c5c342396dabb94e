"""Payments and money."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from schema.row import Node, derived, node_id
from schema.scalars import BigInt
from schema.users import User


@strawberry.enum(description="Currencies by their ISO 4217 codes.")
class Currency(Enum):
    """Stored by name."""

    USD = strawberry.enum_value("USD", description="US dollar; minor units are cents.")
    EUR = strawberry.enum_value("EUR", description="Euro; minor units are cents.")
    GBP = strawberry.enum_value("GBP", description="Pound sterling; minor units are pence.")
    JPY = strawberry.enum_value("JPY", description="Yen; it has no smaller unit.")
    INR = strawberry.enum_value("INR", description="Indian rupee; minor units are paise.")


@strawberry.enum(description="What a payment is for.")
class PaymentKind(Enum):
    """Stored by name."""

    TOP_UP = strawberry.enum_value("TOP_UP", description="Money from a card into one's own wallet.")
    TRANSFER = strawberry.enum_value("TRANSFER", description="Money from one person to another.")
    REFUND = strawberry.enum_value("REFUND", description="Money of an earlier payment going back.")


@strawberry.enum(description="How far a payment has come.")
class PaymentStatus(Enum):
    """Stored by name."""

    PENDING = strawberry.enum_value("PENDING", description="Under way.")
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="Done.")
    FAILED = strawberry.enum_value("FAILED", description="It did not happen; `failureCode` says why.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="All of it went back.")
    PARTIALLY_REFUNDED = strawberry.enum_value("PARTIALLY_REFUNDED", description="Part of it went back.")


@strawberry.enum(description="Which way the money went, seen from the signed-in person.")
class PaymentDirection(Enum):
    """Stored by name."""

    IN = strawberry.enum_value("IN", description="To the signed-in person.")
    OUT = strawberry.enum_value("OUT", description="From the signed-in person.")


@strawberry.enum(description="Why a payment failed.")
class PaymentFailureCode(Enum):
    """Stored by name."""

    DECLINED = strawberry.enum_value("DECLINED", description="The bank said no.")
    EXPIRED_METHOD = strawberry.enum_value("EXPIRED_METHOD", description="The card has expired.")
    PROVIDER_UNAVAILABLE = strawberry.enum_value("PROVIDER_UNAVAILABLE", description="The provider did not answer.")


@strawberry.type(description="An amount in a currency.")
class Money:
    """Rows: `minor_units` and `currency`."""

    minor_units: BigInt = strawberry.field(description="Whole number of the currency's smallest unit, like cents.")
    currency: Currency = strawberry.field(description="The currency.")


def money(column: str, description: str) -> Any:
    """A whole number of minor units in `column`, in the row's currency."""
    return derived(lambda row: {"minor_units": row[column], "currency": row["currency"]}, description=description)


@strawberry.type(description="A payment, as the signed-in person sees it. Visible to the two people it concerns.")
class Payment(Node):
    """Rows: `models.payments.PaymentRow`."""

    id: strawberry.ID = node_id("Payment", owner="owner_id")
    kind: PaymentKind = strawberry.field(description="What it is for.")
    status: PaymentStatus = strawberry.field(description="How far it has come.")
    direction: PaymentDirection = strawberry.field(description="Which way the money went.")
    amount: Money = money("amount", "How much.")
    refunded_amount: Money = money("refunded_amount", "How much of it went back so far.")
    note: str | None = strawberry.field(description="What the sender wrote; null when nothing.")
    failure_code: PaymentFailureCode | None = strawberry.field(description="Why it failed; null unless it did.")
    created_at: datetime = strawberry.field(description="When it was started.")
    updated_at: datetime = strawberry.field(description="When its state last changed.")
    counterparty: User | None = strawberry.field(
        description="The other person; null for top-ups and when they cannot be shown."
    )
