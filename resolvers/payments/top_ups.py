"""Mutations of top-ups."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate_in_steps
from schema.context import Info
from schema.cost import MONEY, weighted
from schema.payments import TopUpWalletInput, TopUpWalletResult, amount_of
from schema.rates import RateClass, counts_as
from services import payments


@strawberry.type
class TopUpMutations:
    """Mutations of top-ups."""

    @strawberry.mutation(
        graphql_type=TopUpWalletResult | None,
        directives=[weighted(MONEY)],
        metadata=counts_as(RateClass.MONEY),
        description="Charges a card and adds the money to the wallet of the signed-in user. The payment is PENDING "
        "until the payment provider has decided.",
    )
    async def top_up_wallet(
        self,
        info: Info,
        input: Annotated[TopUpWalletInput, strawberry.argument(description="The amount and the card.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.PAYMENTS)
        method = read_id_of("PaymentMethod", input.payment_method_id, "input.paymentMethodId")
        request = payments.TopUp(amount_of(input.amount), method, input.idempotency_key)
        return await mutate_in_steps(info, lambda: payments.top_up_wallet(viewer, resources, request))
