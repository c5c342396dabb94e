"""Mutations of follows and blocks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import GlobalId, read_id_of
from core.viewer import SignedIn
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
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
class RelationshipMutations:
    """Mutations of follows and blocks."""

    @strawberry.mutation(
        graphql_type=FollowUserResult | None,
        directives=[weighted(WRITE)],
        description="Follows a user, who gets a notification soon after. Repeating it changes nothing.",
    )
    async def follow_user(
        self,
        info: Info,
        input: Annotated[FollowUserInput, strawberry.argument(description="The user.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.follow_user)

    @strawberry.mutation(
        graphql_type=UnfollowUserResult | None,
        directives=[weighted(WRITE)],
        description="Unfollows a user, whose posts leave the feed at once.",
    )
    async def unfollow_user(
        self,
        info: Info,
        input: Annotated[UnfollowUserInput, strawberry.argument(description="The user.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.unfollow_user)

    @strawberry.mutation(
        graphql_type=BlockUserResult | None,
        directives=[weighted(WRITE)],
        description="Blocks a user: neither user follows the other or sees the other's content any "
        "more. The blocked user gets no "
        "notification.",
    )
    async def block_user(
        self,
        info: Info,
        input: Annotated[BlockUserInput, strawberry.argument(description="The user.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.block_user)

    @strawberry.mutation(
        graphql_type=UnblockUserResult | None,
        directives=[weighted(WRITE)],
        description="Unblocks a user. Earlier follows are not restored.",
    )
    async def unblock_user(
        self,
        info: Info,
        input: Annotated[UnblockUserInput, strawberry.argument(description="The user.")],  # noqa: A002 - Relay's name
    ) -> Any:
        return await _act(info, input.user_id, feed.unblock_user)


async def _act(info: Info, user_id: str, act: Act) -> Mapping[str, Any]:
    viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
    other = read_id_of("User", user_id, "input.userId")
    return await mutate(info, resources, lambda work: act(viewer, work, resources, other))
