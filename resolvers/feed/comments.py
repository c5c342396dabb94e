"""Commenting on posts."""

from typing import Annotated, Any

import strawberry

from core.global_ids import read_id_of
from resolvers.mutation import mutate
from schema.context import Info
from schema.feed import AddCommentInput, AddCommentResult, DeleteCommentInput, DeleteCommentResult
from services import feed


@strawberry.type
class CommentMutations:
    """Of one's own comments, and of others' under one's own posts."""

    @strawberry.mutation(
        graphql_type=AddCommentResult | None,
        description="Adds a comment to a post. The post's author is told of it soon after.",
    )
    async def add_comment(
        self,
        info: Info,
        input: Annotated[AddCommentInput, strawberry.argument(description="What to add, and where.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        post_id = read_id_of("Post", input.post_id, "input.postId")
        wanted = feed.AddComment(post_id, input.body, input.idempotency_key)
        return await mutate(info, lambda work: feed.add_comment(viewer, work, resources, wanted))

    @strawberry.mutation(
        graphql_type=DeleteCommentResult | None,
        description="Deletes one's own comment, or one under one's own post. Deleting it again changes nothing.",
    )
    async def delete_comment(
        self,
        info: Info,
        input: Annotated[DeleteCommentInput, strawberry.argument(description="Which comment.")],  # noqa: A002 - Relay's name
    ) -> Any:
        viewer, resources = info.context.signed_in, info.context.resources
        comment_id = read_id_of("Comment", input.comment_id, "input.commentId")
        return await mutate(info, lambda work: feed.delete_comment(viewer, work, resources, comment_id))
