"""Mutations of posts."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
from schema.feed import (
    DeletePostInput,
    DeletePostResult,
    EditPostInput,
    EditPostResult,
    PublishPostInput,
    PublishPostResult,
)
from services import feed


@strawberry.type
class PostMutations:
    """Mutations of posts."""

    @strawberry.mutation(
        graphql_type=PublishPostResult | None,
        directives=[weighted(WRITE)],
        description="Publishes a post. It is in the author's own feed at once, and in followers' feeds soon after.",
    )
    async def publish_post(
        self,
        info: Info,
        input: Annotated[PublishPostInput, strawberry.argument(description="The post to publish.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        request = feed.PublishPost(input.body, input.idempotency_key)
        return await mutate(info, resources, lambda work: feed.publish_post(viewer, work, resources, request))

    @strawberry.mutation(
        graphql_type=EditPostResult | None,
        directives=[weighted(WRITE)],
        description="Changes the text of a post of the signed-in user. The same text again changes nothing.",
    )
    async def edit_post(
        self,
        info: Info,
        input: Annotated[EditPostInput, strawberry.argument(description="The post and its new text.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, resources, lambda work: feed.edit_post(viewer, work, resources, post_id, input.body))

    @strawberry.mutation(
        graphql_type=DeletePostResult | None,
        directives=[weighted(WRITE)],
        description="Deletes a post of the signed-in user and its comments. They are invisible at once. Repeating it "
        "changes nothing.",
    )
    async def delete_post(
        self,
        info: Info,
        input: Annotated[DeletePostInput, strawberry.argument(description="The post to delete.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, resources, lambda work: feed.delete_post(viewer, work, resources, post_id))
