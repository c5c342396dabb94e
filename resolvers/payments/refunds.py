"""Mutations of refunds."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate_in_steps
from schema.context import Info
from schema.cost import MONEY, weighted
from schema.payments import RefundPaymentInput, RefundPaymentResult, amount_of
from schema.rates import RateClass, counts_as
from services import payments


@strawberry.type
class RefundMutations:
    """Mutations of refunds."""

    @strawberry.mutation(
        graphql_type=RefundPaymentResult | None,
        directives=[weighted(MONEY)],
        metadata=counts_as(RateClass.MONEY),
        description="Returns the money of a payment, or a part of it. The recipient of a transfer returns it to the "
        "sender; the owner of a top-up returns it to the card.",
    )
    async def refund_payment(
        self,
        info: Info,
        input: Annotated[RefundPaymentInput, strawberry.argument(description="The payment and the amount.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.PAYMENTS)
        original = read_id_of("Payment", input.payment_id, "input.paymentId")
        amount = None if input.amount is None else amount_of(input.amount)
        request = payments.RefundPayment(original, amount, input.idempotency_key)
        return await mutate_in_steps(info, lambda: payments.refund_payment(viewer, resources, request))
