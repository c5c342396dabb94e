"""Data exports and account deletion."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from models.exports import DataExportRow
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import PASSWORD, weighted
from schema.rates import RateClass, counts_as
from schema.row import Row
from schema.users import (
    DataExport,
    DeleteAccountInput,
    DeleteAccountResult,
    RequestDataExportInput,
    RequestDataExportResult,
)
from services import users
from services.users import exports


@strawberry.type
class PrivacyViewerFields(Row):
    """The data export of the viewer."""

    @strawberry.field(
        graphql_type=DataExport | None,
        description="The latest data export of the signed-in user; null if there is none.",
    )
    async def data_export(self, info: Info) -> DataExportRow | None:
        context = info.context
        return await exports.latest_export(context.signed_in, context.database_of(Feature.USERS), context.resources)


@strawberry.type
class PrivacyMutations:
    """Mutations that need the password."""

    @strawberry.mutation(
        graphql_type=RequestDataExportResult | None,
        directives=[weighted(PASSWORD)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Requests an export of all data about the signed-in user, up to three a day. "
        "`viewer.dataExport` contains its state.",
    )
    async def request_data_export(
        self,
        info: Info,
        input: Annotated[RequestDataExportInput, strawberry.argument(description="The password.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        request = exports.RequestDataExport(input.password)
        return await mutate(info, resources, lambda work: exports.request_data_export(viewer, work, resources, request))

    @strawberry.mutation(
        graphql_type=DeleteAccountResult | None,
        directives=[weighted(PASSWORD)],
        metadata=counts_as(RateClass.SIGN_IN),
        description="Deletes the account permanently: all devices are signed out, and the user and their content are "
        "invisible to others. Payments stay with the other party, without a name.",
    )
    async def delete_account(
        self,
        info: Info,
        input: Annotated[DeleteAccountInput, strawberry.argument(description="The password.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.USERS)
        request = users.DeleteAccount(input.password, input.give_up_balance)
        return await mutate(info, resources, lambda work: users.delete_account(viewer, work, resources, request))
