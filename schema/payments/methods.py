"""Inputs and results of adding and removing payment methods."""

from typing import Annotated

import strawberry

from core.global_ids import id_writer
from schema.payments.wallets import PaymentMethod
from schema.problems import InvalidInputProblem, NotFoundProblem, PaymentDeclinedProblem, UnavailableProblem
from schema.row import Row, derived


@strawberry.input(description="A card to add.")
class AddPaymentMethodInput:
    """Checked by `services.payments`."""

    provider_token: str = strawberry.field(
        description="The token that the SDK of the payment provider returned for the card. Never send a card number."
    )
    make_default: bool | None = strawberry.field(
        default=False, description="Whether the card becomes the default payment method. The first card always does."
    )


@strawberry.input(description="A card to remove.")
class RemovePaymentMethodInput:
    """Checked by `services.payments`."""

    payment_method_id: strawberry.ID = strawberry.field(description="The id of a card of the signed-in user.")


@strawberry.type(description="The card was added, by this or an earlier request.")
class AddPaymentMethodSuccess(Row):
    """Describes a `services.payments.methods.AddPaymentMethodSuccessRow`."""

    payment_method: PaymentMethod = strawberry.field(description="The card.")


@strawberry.type(description="The card is removed, by this or an earlier request.")
class RemovePaymentMethodSuccess(Row):
    """Describes a `services.payments.methods.RemovePaymentMethodSuccessRow`."""

    payment_method_id: strawberry.ID = derived(
        id_writer("PaymentMethod", "owner_id"), description="Id of the removed card. Remove it from every list."
    )


AddPaymentMethodResult = Annotated[
    AddPaymentMethodSuccess | InvalidInputProblem | PaymentDeclinedProblem | UnavailableProblem,
    strawberry.union("AddPaymentMethodResult", description="The card, or a problem."),
]
RemovePaymentMethodResult = Annotated[
    RemovePaymentMethodSuccess | NotFoundProblem,
    strawberry.union("RemovePaymentMethodResult", description="The id of the removed card, or a problem."),
]
