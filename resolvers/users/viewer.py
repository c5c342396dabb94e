"""Resolvers of the viewer's account data and of users by handle."""

from typing import Annotated, Any

import strawberry

from core.errors import account_deleted
from core.features import Feature
from core.global_ids import global_id
from core.paging import DEFAULT_FIRST, Page
from models.audit import SecurityEventRow
from models.users import DeviceRow, UserRow
from schema.cache_control import public
from schema.connections import Connection
from schema.context import Info
from schema.cost import paged
from schema.row import After, First, Row, derived, selected_columns
from schema.users import Device, SecurityEvent, User
from services import audit, users


@strawberry.type
class UsersViewerFields(Row):
    """The viewer's account data. Rows: `{"user_id": …}`."""

    id: strawberry.ID = derived(
        lambda viewer: global_id("Viewer", viewer["user_id"], viewer["user_id"]),
        description="A stable id of the account. It is not the id of the `User`, and `node` does not accept it.",
    )

    @strawberry.field(graphql_type=User, description="The signed-in user as others see them.")
    async def user(self, info: Info) -> UserRow:
        user_id, columns = info.context.signed_in.user_id, selected_columns(info, "User")
        (user,) = await info.context.loaders.load_level("own_by_id", [user_id], columns)
        if user is None:
            raise account_deleted()
        return user

    @strawberry.field(description="The account's e-mail address.")
    async def email(self, info: Info) -> str:
        context = info.context
        email = await users.own_email(context.signed_in, context.database_of(Feature.USERS), context.resources.vault)
        if email is None:
            raise account_deleted()
        return email

    @strawberry.field(
        graphql_type=Connection[User] | None,
        directives=[paged()],
        description="The users whom the signed-in user has blocked, latest first.",
    )
    async def blocked_users(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Page[UserRow]:
        context = info.context
        page_request = context.own_page("Viewer.blockedUsers", first, after)
        database, columns = context.database_of(Feature.USERS), selected_columns(info, "User")
        page = await users.blocked_users(context.signed_in, database, page_request, columns)
        return {**page, "nodes": await context.policy.can_see(page["rows"], "User")}

    @strawberry.field(
        graphql_type=Connection[Device] | None,
        directives=[paged()],
        description="The signed-in devices of the user, latest sign-in first.",
    )
    async def devices(self, info: Info, first: First = DEFAULT_FIRST, after: After = None) -> Page[DeviceRow]:
        context = info.context
        page_request = context.own_page("Viewer.devices", first, after)
        database, columns = context.database_of(Feature.USERS), selected_columns(info, "Device")
        return await users.devices(context.signed_in, database, page_request, columns)

    @strawberry.field(
        graphql_type=Connection[SecurityEvent] | None,
        directives=[paged()],
        description="The security events of the account, newest first. New events appear after a moment.",
    )
    async def security_history(
        self, info: Info, first: First = DEFAULT_FIRST, after: After = None
    ) -> Page[SecurityEventRow]:
        context = info.context
        page_request = context.own_page("Viewer.securityHistory", first, after)
        database, columns = context.database_of(Feature.USERS), selected_columns(info, "SecurityEvent")
        return await audit.security_history(context.signed_in, database, page_request, columns)


@strawberry.type
class UsersQuery:
    """The root field for users by handle."""

    @strawberry.field(
        graphql_type=User | None,
        directives=[public()],
        description="A user by handle; null if there is none, or if the user has blocked the signed-in user.",
    )
    async def user(
        self,
        info: Info,
        handle: Annotated[str, strawberry.argument(description="The handle, without the @; case-insensitive.")],
    ) -> Any:
        columns = selected_columns(info, "User")
        user = await users.find_by_handle(info.context.database_of(Feature.USERS), handle, columns)
        (row,) = await info.context.policy.can_see([user], "User")
        return row
