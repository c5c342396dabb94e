"""Who is signed in, and signing in."""

from typing import Annotated, Any

import strawberry

from core.errors import Unauthenticated
from core.global_ids import global_id
from models.users import UserRow
from resolvers.mutation import mutate
from schema.context import Info
from schema.row import Row, derived
from schema.users import LogInInput, LogInResult, User
from services import users


@strawberry.type
class UsersOfViewer(Row):
    """The viewer as a person. Rows: `{"user_id": …}`."""

    id: strawberry.ID = derived(
        lambda viewer: global_id("Viewer", viewer["user_id"], viewer["user_id"]),
        description="Stable for an account. It is not the id of the `User`, and `node` does not take it.",
    )

    @strawberry.field(graphql_type=User, description="The signed-in person as others see them.")
    async def user(self, info: Info) -> UserRow:
        found = await users.find_user(info.context.signed_in, info.context.database)
        if found is None:
            raise Unauthenticated("This account is gone. Sign in with another one.")
        return found


@strawberry.type
class UsersMutation:
    """Sessions."""

    @strawberry.mutation(
        graphql_type=LogInResult | None,
        description="Signs in with e-mail address and password, which opens a session on a new device. "
        "An access token that is sent along is ignored.",
    )
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="Who signs in, and on what.")],  # noqa: A002 - Relay's name
    ) -> Any:
        wanted = users.LogIn(
            email=input.email,
            password=input.password,
            device=users.NewDevice(
                name=input.device.name,
                platform=input.device.platform.name,
                app_version=input.device.app_version,
                locale=input.device.locale,
                time_zone=input.device.time_zone,
            ),
        )
        return await mutate(info, lambda work: users.log_in(work, info.context.resources, wanted))
