"""Amounts of money in inputs."""

import strawberry

from schema.payments.types import Currency
from schema.scalars import BigInt
from services.idempotency import MAX_KEY_LENGTH
from services.payments.inputs import Amount

KEY_DESCRIPTION = (
    f"A key of 1 to {MAX_KEY_LENGTH} characters that the app creates for each new request, such as a UUID. Repeat a "
    "request without a response with the same key: money moves once, and the response contains the payment as it is "
    "then. Keys are valid for 30 days."
)


@strawberry.input(description="An amount in a currency.")
class MoneyInput:
    """Checked by `services.payments`."""

    minor_units: BigInt = strawberry.field(
        description="Integer amount in the smallest unit of the currency, such as cents; greater than zero."
    )
    currency: Currency = strawberry.field(description="The currency.")


def amount_of(money: MoneyInput) -> Amount:
    """Returns the amount of an input as services receive it."""
    return Amount(money.minor_units, money.currency.name)
