"""Input and result of transfers."""

from typing import Annotated

import strawberry

from schema.payments.inputs import KEY_DESCRIPTION, MoneyInput
from schema.payments.types import Payment
from schema.payments.wallets import Wallet
from schema.problems import (
    ForbiddenProblem,
    IdempotencyProblem,
    InsufficientFundsProblem,
    InvalidCredentialsProblem,
    InvalidInputProblem,
    NotFoundProblem,
    RateLimitedProblem,
)
from schema.row import Row
from services.payments.inputs import MAX_NOTE_LENGTH


@strawberry.input(description="An amount to send to another user.")
class SendPaymentInput:
    """Checked by `services.payments.transfers`."""

    recipient_id: strawberry.ID = strawberry.field(description="The id of the user who receives the money.")
    amount: MoneyInput = strawberry.field(description="How much, in the currency of both wallets.")
    note: str | None = strawberry.field(
        default=None,
        description=f"A note for the recipient, up to {MAX_NOTE_LENGTH} characters, without a card number.",
    )
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    password: str | None = strawberry.field(
        default=None,
        description="The account's password. Large amounts need it: without it the problem has the code FORBIDDEN "
        "and the field `input.password`.",
    )


@strawberry.type(description="The money was sent.")
class SendPaymentSuccess(Row):
    """Describes a `services.payments.transfers.SendPaymentSuccessRow`."""

    payment: Payment = strawberry.field(description="The payment.")
    wallet: Wallet = strawberry.field(description="The wallet of the signed-in user after the payment.")
    replayed: bool = strawberry.field(description="Whether an earlier request with this key made the payment.")


SendPaymentResult = Annotated[
    SendPaymentSuccess
    | InvalidInputProblem
    | NotFoundProblem
    | ForbiddenProblem
    | InsufficientFundsProblem
    | IdempotencyProblem
    | InvalidCredentialsProblem
    | RateLimitedProblem,
    strawberry.union("SendPaymentResult", description="The payment, or a problem."),
]
