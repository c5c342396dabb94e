"""Inputs and results of adding and deleting comments."""

from typing import Annotated

import strawberry

from core.global_ids import id_writer
from schema.feed.posts import KEY_DESCRIPTION
from schema.feed.types import Comment, Post
from schema.problems import ForbiddenProblem, IdempotencyProblem, InvalidInputProblem, NotFoundProblem
from schema.row import Row, derived
from services.feed.comments import MAX_COMMENT_LENGTH


@strawberry.input(description="A comment to add.")
class AddCommentInput:
    """Checked by `services.feed.comments`."""

    post_id: strawberry.ID = strawberry.field(description="The post to comment on.")
    body: str = strawberry.field(description=f"The text, 1 to {MAX_COMMENT_LENGTH} characters.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="A comment to delete.")
class DeleteCommentInput:
    """Checked by `services.feed.comments`."""

    comment_id: strawberry.ID = strawberry.field(description="A comment by the signed-in user, or on a post of theirs.")


@strawberry.type(description="The comment was added.")
class AddCommentSuccess(Row):
    """Describes a `services.feed.comments.AddCommentSuccessRow`."""

    comment: Comment = strawberry.field(
        description="The new comment, or the first one if the idempotency key was sent before."
    )


@strawberry.type(description="The comment is deleted, by this or an earlier request.")
class DeleteCommentSuccess(Row):
    """Describes a `services.feed.comments.DeleteCommentSuccessRow`."""

    comment_id: strawberry.ID = derived(
        id_writer("Comment", "owner_id"), description="Id of the deleted comment. Remove it from every list."
    )
    post: Post = strawberry.field(description="The post of the comment, with the new count.")


AddCommentResult = Annotated[
    AddCommentSuccess | InvalidInputProblem | NotFoundProblem | IdempotencyProblem,
    strawberry.union("AddCommentResult", description="The comment, or a problem."),
]
DeleteCommentResult = Annotated[
    DeleteCommentSuccess | NotFoundProblem | ForbiddenProblem,
    strawberry.union("DeleteCommentResult", description="The id of the deleted comment, or a problem."),
]
