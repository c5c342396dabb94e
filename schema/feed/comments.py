"""Commenting on posts."""

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

    post_id: strawberry.ID = strawberry.field(description="Under which post.")
    body: str = strawberry.field(description=f"The text, 1 to {MAX_COMMENT_LENGTH} letters.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="A comment to delete.")
class DeleteCommentInput:
    """Checked by `services.feed.comments`."""

    comment_id: strawberry.ID = strawberry.field(
        description="One that the signed-in person wrote, or that stands under a post of theirs."
    )


@strawberry.type(description="Added.")
class AddCommentSuccess(Row):
    """Rows: `services.feed.comments.AddCommentSuccessRow`."""

    comment: Comment = strawberry.field(description="The new comment; the one of before when the key was sent before.")


@strawberry.type(description="Deleted, now or before.")
class DeleteCommentSuccess(Row):
    """Rows: `services.feed.comments.DeleteCommentSuccessRow`."""

    comment_id: strawberry.ID = derived(
        id_writer("Comment", "owner_id"), description="Which comment is gone; take it out of every list."
    )
    post: Post = strawberry.field(description="The post it stood under, with its new count.")


AddCommentResult = Annotated[
    AddCommentSuccess | InvalidInputProblem | NotFoundProblem | IdempotencyProblem,
    strawberry.union("AddCommentResult", description="The comment, or why there is none."),
]
DeleteCommentResult = Annotated[
    DeleteCommentSuccess | NotFoundProblem | ForbiddenProblem,
    strawberry.union("DeleteCommentResult", description="Which comment is gone, or why it stays."),
]
