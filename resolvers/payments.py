"""The viewer's payments."""

import strawberry

from core.paging import DEFAULT_FIRST, Page
from models.payments import PaymentRow
from schema.connections import Connection
from schema.context import Info
from schema.payments import Payment
from schema.row import After, First, Row
from services import payments


@strawberry.type
class PaymentsOfViewer(Row):
    """What the viewer paid and was paid."""

    @strawberry.field(
        graphql_type=Connection[Payment] | None,
        description="Payments the signed-in person is a party of, newest first.",
    )
    async def payments(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Page[PaymentRow]:
        context = info.context
        wanted = context.own_page("Viewer.payments", first, after)
        return await payments.payments(context.signed_in, context.database, wanted)
