"""The types of payments and amounts of money."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from schema.cache_control import controlled, of_viewer, uncached
from schema.row import Node, Row, derived, node_id
from schema.scalars import BigInt
from schema.users import User


@strawberry.enum(description="A currency by its ISO 4217 code.")
class Currency(Enum):
    """Its values are stored by name."""

    USD = strawberry.enum_value("USD", description="US dollar; minor units are cents.")
    EUR = strawberry.enum_value("EUR", description="Euro; minor units are cents.")
    GBP = strawberry.enum_value("GBP", description="Pound sterling; minor units are pence.")
    JPY = strawberry.enum_value("JPY", description="Yen; it has no smaller unit.")
    INR = strawberry.enum_value("INR", description="Indian rupee; minor units are paise.")


@strawberry.enum(description="The kind of a payment.")
class PaymentKind(Enum):
    """Its values are stored by name."""

    TOP_UP = strawberry.enum_value("TOP_UP", description="Money from a card to the user's own wallet.")
    TRANSFER = strawberry.enum_value("TRANSFER", description="Money from one user to another.")
    REFUND = strawberry.enum_value("REFUND", description="Money of an earlier payment that is returned.")


@strawberry.enum(description="The state of a payment.")
class PaymentStatus(Enum):
    """Its values are stored by name."""

    PENDING = strawberry.enum_value("PENDING", description="The payment is in progress.")
    SUCCEEDED = strawberry.enum_value("SUCCEEDED", description="The payment is complete.")
    FAILED = strawberry.enum_value("FAILED", description="The payment failed; `failureCode` is the reason.")
    REFUNDED = strawberry.enum_value("REFUNDED", description="The full amount was refunded.")
    PARTIALLY_REFUNDED = strawberry.enum_value("PARTIALLY_REFUNDED", description="A part of the amount was refunded.")


@strawberry.enum(description="The direction of the money for the signed-in user.")
class PaymentDirection(Enum):
    """Its values are stored by name."""

    IN = strawberry.enum_value("IN", description="To the signed-in user.")
    OUT = strawberry.enum_value("OUT", description="From the signed-in user.")


@strawberry.enum(description="The reason why a payment failed.")
class PaymentFailureCode(Enum):
    """Its values are stored by name."""

    DECLINED = strawberry.enum_value("DECLINED", description="The bank declined the payment.")
    EXPIRED_METHOD = strawberry.enum_value("EXPIRED_METHOD", description="The card has expired.")
    PROVIDER_UNAVAILABLE = strawberry.enum_value(
        "PROVIDER_UNAVAILABLE", description="The payment provider did not respond."
    )


@strawberry.type(description="An amount in a currency.")
class Money:
    """Describes a row with `minor_units` and `currency`."""

    minor_units: BigInt = strawberry.field(
        description="Integer amount in the smallest unit of the currency, such as cents."
    )
    currency: Currency = strawberry.field(description="The currency.")


def money(column: str, description: str) -> Any:
    """Returns a field for the amount in `column`, in minor units of the row's currency."""
    return derived(
        lambda row: {"minor_units": row[column], "currency": row["currency"]},
        reads=(column, "currency"),
        description=description,
    )


@strawberry.type(
    description="What the user has to do to confirm a top-up, such as 3-D Secure of the card's bank. It ends after an "
    "hour."
)
class PaymentConfirmation(Row):
    """Describes a row with `url` and `client_secret`."""

    url: str | None = strawberry.field(
        description="The page on which the user confirms; null if only the provider's SDK can confirm."
    )
    client_secret: str | None = strawberry.field(
        description="The secret for the SDK of the payment provider; null if there is only a page. Do not store it."
    )


def _confirmation(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Returns what the owner of a pending payment has to confirm, or None."""
    url, secret = row["action_url"], row["action_secret"]
    if row["status"] != PaymentStatus.PENDING.name or row["owner_id"] != row["party_id"] or not (url or secret):
        return None
    return {"url": url, "client_secret": secret}


@strawberry.type(
    description="A payment from the view of the signed-in user. Only its two parties can see it.",
    directives=[of_viewer()],
)
class Payment(Node):
    """Describes a `models.payments.PaymentRow`."""

    id: strawberry.ID = node_id("Payment", owner="owner_id")
    kind: PaymentKind = strawberry.field(description="The kind of the payment.")
    status: PaymentStatus = strawberry.field(description="The state of the payment.")
    direction: PaymentDirection = strawberry.field(description="The direction of the money.")
    amount: Money = money("amount", "How much.")
    refunded_amount: Money = money("refunded_amount", "How much of it went back so far.")
    note: str | None = strawberry.field(description="The sender's note; null if there is none.")
    failure_code: PaymentFailureCode | None = strawberry.field(
        description="The reason of a failure; null if the payment did not fail."
    )
    created_at: datetime = strawberry.field(description="Time at which the payment was started.")
    updated_at: datetime = strawberry.field(description="Time of the last change of its state.")
    counterparty: User | None = strawberry.field(
        description="The other party; null for top-ups, and if the user is not visible."
    )
    confirmation: PaymentConfirmation | None = controlled(
        derived(
            _confirmation,
            reads=("action_url", "action_secret", "status", "owner_id", "party_id"),
            description="What the user has to confirm before the payment continues; null if there is nothing.",
        ),
        uncached(),
    )
