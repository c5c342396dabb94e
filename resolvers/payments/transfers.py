"""Mutations of transfers."""

from functools import partial
from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate_in_steps
from schema.context import Info
from schema.cost import MONEY, weighted
from schema.payments import SendPaymentInput, SendPaymentResult, amount_of
from schema.rates import RateClass, counts_as
from services import payments, users


@strawberry.type
class TransferMutations:
    """Mutations of transfers."""

    @strawberry.mutation(
        graphql_type=SendPaymentResult | None,
        directives=[weighted(MONEY)],
        metadata=counts_as(RateClass.MONEY),
        description="Sends money from the wallet of the signed-in user to another user, who has it at once.",
    )
    async def send_payment(
        self,
        info: Info,
        input: Annotated[SendPaymentInput, strawberry.argument(description="The recipient and the amount.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.PAYMENTS)
        recipient = read_id_of("User", input.recipient_id, "input.recipientId")
        request = payments.SendPayment(
            recipient, amount_of(input.amount), input.note, input.idempotency_key, input.password
        )
        check = partial(users.check_password, viewer, resources)
        return await mutate_in_steps(info, lambda: payments.send_payment(viewer, resources, request, check))
