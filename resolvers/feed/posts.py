"""Publishing, editing and deleting posts."""

from typing import Annotated, Any

import strawberry

from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
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
    """Of the signed-in person's own posts."""

    @strawberry.mutation(
        graphql_type=PublishPostResult | None,
        description="Publishes a post. It stands in one's own feed at once, in those of one's followers soon after.",
    )
    async def publish_post(
        self,
        info: Info,
        input: Annotated[PublishPostInput, strawberry.argument(description="What to publish.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        wanted = feed.PublishPost(input.body, input.idempotency_key)
        return await mutate(info, lambda work: feed.publish_post(viewer, work, resources, wanted))

    @strawberry.mutation(
        graphql_type=EditPostResult | None,
        description="Gives one's own post another text. The same text again changes nothing.",
    )
    async def edit_post(
        self,
        info: Info,
        input: Annotated[EditPostInput, strawberry.argument(description="Which post, and its new text.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, lambda work: feed.edit_post(viewer, work, resources, post_id, input.body))

    @strawberry.mutation(
        graphql_type=DeletePostResult | None,
        description="Deletes one's own post, with what stands under it, from everywhere at once. Deleting it again "
        "changes nothing.",
    )
    async def delete_post(
        self,
        info: Info,
        input: Annotated[DeletePostInput, strawberry.argument(description="Which post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        post_id = read_id_of("Post", input.post_id, "input.postId")
        return await mutate(info, lambda work: feed.delete_post(viewer, work, resources, post_id))
