"""Input and result of top-ups."""

from typing import Annotated

import strawberry

from schema.payments.inputs import KEY_DESCRIPTION, MoneyInput
from schema.payments.types import Payment
from schema.payments.wallets import Wallet
from schema.problems import (
    IdempotencyProblem,
    InvalidInputProblem,
    NotFoundProblem,
    PaymentDeclinedProblem,
    UnavailableProblem,
)
from schema.row import Row


@strawberry.input(description="An amount to charge to a card.")
class TopUpWalletInput:
    """Checked by `services.payments.top_ups`."""

    amount: MoneyInput = strawberry.field(
        description="How much. The first top-up determines the currency of the wallet."
    )
    payment_method_id: strawberry.ID = strawberry.field(description="The id of a card of the signed-in user.")
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.type(description="The top-up succeeded, or is in progress.")
class TopUpWalletSuccess(Row):
    """Describes a `services.payments.top_ups.TopUpWalletSuccessRow`."""

    payment: Payment = strawberry.field(
        description="The payment. While it is PENDING, `confirmation` states whether the user has to confirm it; "
        "otherwise the payment provider has not decided yet, and `viewerEvents` sends the end."
    )
    wallet: Wallet = strawberry.field(description="The wallet after the payment.")
    replayed: bool = strawberry.field(description="Whether an earlier request with this key started the payment.")


TopUpWalletResult = Annotated[
    TopUpWalletSuccess
    | InvalidInputProblem
    | NotFoundProblem
    | PaymentDeclinedProblem
    | IdempotencyProblem
    | UnavailableProblem,
    strawberry.union("TopUpWalletResult", description="The payment, or a problem."),
]
