"""Mutations of payment methods."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate_in_steps
from schema.context import Info
from schema.cost import MONEY, weighted
from schema.payments import (
    AddPaymentMethodInput,
    AddPaymentMethodResult,
    RemovePaymentMethodInput,
    RemovePaymentMethodResult,
)
from schema.rates import RateClass, counts_as
from services import payments


@strawberry.type
class PaymentMethodMutations:
    """Mutations of payment methods."""

    @strawberry.mutation(
        graphql_type=AddPaymentMethodResult | None,
        directives=[weighted(MONEY)],
        metadata=counts_as(RateClass.MONEY),
        description="Adds a card of the signed-in user. Its number is sent to the payment provider, never here.",
    )
    async def add_payment_method(
        self,
        info: Info,
        input: Annotated[AddPaymentMethodInput, strawberry.argument(description="The card.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.PAYMENTS)
        request = payments.AddPaymentMethod(input.provider_token, make_default=bool(input.make_default))
        return await mutate_in_steps(info, lambda: payments.add_payment_method(viewer, resources, request))

    @strawberry.mutation(
        graphql_type=RemovePaymentMethodResult | None,
        directives=[weighted(MONEY)],
        metadata=counts_as(RateClass.MONEY),
        description="Removes a card of the signed-in user. Repeating it changes nothing.",
    )
    async def remove_payment_method(
        self,
        info: Info,
        input: Annotated[RemovePaymentMethodInput, strawberry.argument(description="The card to remove.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.PAYMENTS)
        method = read_id_of("PaymentMethod", input.payment_method_id, "input.paymentMethodId")
        return await mutate_in_steps(info, lambda: payments.remove_payment_method(viewer, resources, method))
