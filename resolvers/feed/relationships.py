"""Following and blocking people."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry

from core.global_ids import GlobalId, read_id_of
from core.viewer import SignedIn
from resolvers.mutation import mutate
from schema.context import Info
from schema.feed import (
    BlockUserInput,
    BlockUserResult,
    FollowUserInput,
    FollowUserResult,
    UnblockUserInput,
    UnblockUserResult,
    UnfollowUserInput,
    UnfollowUserResult,
)
from services import feed
from services.resources import Resources
from services.unit_of_work import UnitOfWork

Act = Callable[[SignedIn, UnitOfWork, Resources, GlobalId], Awaitable[Mapping[str, Any]]]


@strawberry.type
class PeopleMutations:
    """Of whom the signed-in person follows and blocks."""

    @strawberry.mutation(
        graphql_type=FollowUserResult | None,
        description="Follows somebody, who is told of it soon after. Following them again changes nothing.",
    )
    async def follow_user(
        self,
        info: Info,
        input: Annotated[FollowUserInput, strawberry.argument(description="Whom.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.follow_user)

    @strawberry.mutation(
        graphql_type=UnfollowUserResult | None,
        description="Follows somebody no longer; their posts are gone from the feed at once.",
    )
    async def unfollow_user(
        self,
        info: Info,
        input: Annotated[UnfollowUserInput, strawberry.argument(description="Whom.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.unfollow_user)

    @strawberry.mutation(
        graphql_type=BlockUserResult | None,
        description="Blocks somebody: from now on neither sees what the other does, nor follows them. They are not "
        "told.",
    )
    async def block_user(
        self,
        info: Info,
        input: Annotated[BlockUserInput, strawberry.argument(description="Whom.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.block_user)

    @strawberry.mutation(
        graphql_type=UnblockUserResult | None,
        description="Blocks somebody no longer. Who followed whom before is not restored.",
    )
    async def unblock_user(
        self,
        info: Info,
        input: Annotated[UnblockUserInput, strawberry.argument(description="Whom.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.unblock_user)


async def _act(info: Info, user_id: str, act: Act) -> Mapping[str, Any]:
    viewer, resources = info.context.signed_in, info.context.resources
    other = read_id_of("User", user_id, "input.userId")
    return await mutate(info, lambda work: act(viewer, work, resources, other))
