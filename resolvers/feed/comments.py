"""Mutations of comments."""

from typing import Annotated, Any

import strawberry

from core.features import Feature
from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.cost import WRITE, weighted
from schema.feed import AddCommentInput, AddCommentResult, DeleteCommentInput, DeleteCommentResult
from services import feed


@strawberry.type
class CommentMutations:
    """Mutations of comments."""

    @strawberry.mutation(
        graphql_type=AddCommentResult | None,
        directives=[weighted(WRITE)],
        description="Adds a comment to a post. The post's author gets a notification soon after.",
    )
    async def add_comment(
        self,
        info: Info,
        input: Annotated[AddCommentInput, strawberry.argument(description="The comment and the post.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        post_id = read_id_of("Post", input.post_id, "input.postId")
        request = feed.AddComment(post_id, input.body, input.idempotency_key)
        return await mutate(info, resources, lambda work: feed.add_comment(viewer, work, resources, request))

    @strawberry.mutation(
        graphql_type=DeleteCommentResult | None,
        directives=[weighted(WRITE)],
        description="Deletes a comment of the signed-in user, or on a post of theirs. Repeating it changes nothing.",
    )
    async def delete_comment(
        self,
        info: Info,
        input: Annotated[DeleteCommentInput, strawberry.argument(description="The comment to delete.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources_of(Feature.FEED)
        comment_id = read_id_of("Comment", input.comment_id, "input.commentId")
        return await mutate(info, resources, lambda work: feed.delete_comment(viewer, work, resources, comment_id))
