"""Input and result of refunds."""

from typing import Annotated

import strawberry

from schema.payments.inputs import KEY_DESCRIPTION, MoneyInput
from schema.payments.types import Payment
from schema.problems import (
    ForbiddenProblem,
    IdempotencyProblem,
    InsufficientFundsProblem,
    InvalidInputProblem,
    NotFoundProblem,
    PaymentDeclinedProblem,
    RefundExceedsPaymentProblem,
    UnavailableProblem,
)
from schema.row import Row


@strawberry.input(description="A payment to refund.")
class RefundPaymentInput:
    """Checked by `services.payments.refunds`."""

    payment_id: strawberry.ID = strawberry.field(
        description="The id of a transfer that the signed-in user received, or of a top-up of theirs."
    )
    amount: MoneyInput | None = strawberry.field(
        default=None, description="How much; null for everything that is left of the payment."
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.type(description="The refund succeeded, or is in progress.")
class RefundPaymentSuccess(Row):
    """Describes a `services.payments.refunds.RefundPaymentSuccessRow`."""

    payment: Payment = strawberry.field(description="The refunded payment.")
    refund: Payment = strawberry.field(
        description="The payment that returns the money. It is PENDING until the payment provider has decided."
    )
    replayed: bool = strawberry.field(description="Whether an earlier request with this key started the refund.")


RefundPaymentResult = Annotated[
    RefundPaymentSuccess
    | InvalidInputProblem
    | NotFoundProblem
    | ForbiddenProblem
    | InsufficientFundsProblem
    | RefundExceedsPaymentProblem
    | PaymentDeclinedProblem
    | IdempotencyProblem
    | UnavailableProblem,
    strawberry.union("RefundPaymentResult", description="The refund, or a problem."),
]
