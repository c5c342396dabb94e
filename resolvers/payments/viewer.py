"""Resolvers of the viewer's payments, wallet and payment methods."""

import strawberry

from core.features import Feature
from core.paging import DEFAULT_FIRST, Page
from models.payments import PaymentRow
from models.wallets import PaymentMethodRow, WalletRow
from schema.connections import Connection
from schema.context import Info
from schema.cost import paged
from schema.payments import Payment, PaymentMethod, Wallet
from schema.row import After, First, Row, selected_columns
from services import payments


@strawberry.type
class PaymentsViewerFields(Row):
    """The viewer's payments, wallet and payment methods."""

    @strawberry.field(
        graphql_type=Connection[Payment] | None,
        directives=[paged()],
        description="The payments of the signed-in user, newest first.",
    )
    async def payments(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Page[PaymentRow]:
        context = info.context
        page_request = context.own_page("Viewer.payments", first, after)
        database, columns = context.database_of(Feature.PAYMENTS), selected_columns(info, "Payment")
        return await payments.payments(context.signed_in, database, page_request, columns)

    @strawberry.field(
        graphql_type=Wallet | None, description="The wallet of the signed-in user; null if there is none yet."
    )
    async def wallet(self, info: Info) -> WalletRow | None:
        context, columns = info.context, selected_columns(info, "Wallet")
        return await payments.find_wallet(context.signed_in, context.database_of(Feature.PAYMENTS), columns)

    @strawberry.field(
        graphql_type=Connection[PaymentMethod] | None,
        directives=[paged()],
        description="The cards of the signed-in user, newest first.",
    )
    async def payment_methods(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Page[PaymentMethodRow]:
        context = info.context
        page_request = context.own_page("Viewer.paymentMethods", first, after)
        database, columns = context.database_of(Feature.PAYMENTS), selected_columns(info, "PaymentMethod")
        return await payments.payment_methods(context.signed_in, database, page_request, columns)
