"""Mutations of likes."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
from schema.feed import LikePostInput, LikePostResult, UnlikePostInput, UnlikePostResult
from services import feed


@strawberry.type
class LikeMutations:
    """Mutations of likes."""

    @strawberry.mutation(
        graphql_type=LikePostResult | None,
        directives=[weighted(WRITE)],
        description="Likes a post. Its author gets a notification soon after. Repeating it changes nothing.",
    )
    async def like_post(
        self,
        info: Info,
        input: Annotated[LikePostInput, strawberry.argument(description="The post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, resources, lambda work: feed.like_post(viewer, work, resources, post_id))

    @strawberry.mutation(
        graphql_type=UnlikePostResult | None,
        directives=[weighted(WRITE)],
        description="Removes a like. Without a like it changes nothing.",
    )
    async def unlike_post(
        self,
        info: Info,
        input: Annotated[UnlikePostInput, strawberry.argument(description="The post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, resources, lambda work: feed.unlike_post(viewer, work, resources, post_id))
