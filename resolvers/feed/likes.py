"""Liking posts."""

from typing import Annotated, Any

import strawberry

from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.feed import LikePostInput, LikePostResult, UnlikePostInput, UnlikePostResult
from services import feed


@strawberry.type
class LikeMutations:
    """Of the signed-in person's likes."""

    @strawberry.mutation(
        graphql_type=LikePostResult | None,
        description="Likes a post. Its author is told of it soon after. Liking it again changes nothing.",
    )
    async def like_post(
        self,
        info: Info,
        input: Annotated[LikePostInput, strawberry.argument(description="Which post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, lambda work: feed.like_post(viewer, work, resources, post_id))

    @strawberry.mutation(
        graphql_type=UnlikePostResult | None,
        description="Takes a like back. Without one it changes nothing.",
    )
    async def unlike_post(
        self,
        info: Info,
        input: Annotated[UnlikePostInput, strawberry.argument(description="Which post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, lambda work: feed.unlike_post(viewer, work, resources, post_id))
