"""Inputs and results of publishing, editing and deleting posts."""

from typing import Annotated

import strawberry

from core.global_ids import id_writer
from schema.feed.types import Post
from schema.problems import ForbiddenProblem, IdempotencyProblem, InvalidInputProblem, NotFoundProblem
from schema.row import Row, derived
from services.feed.posts import MAX_POST_LENGTH
from services.idempotency import MAX_KEY_LENGTH

KEY_DESCRIPTION = (
    f"A key of 1 to {MAX_KEY_LENGTH} characters that the app creates for each new request, such as a UUID. Repeat a "
    "request without a response with the same key: it takes effect once."
)


@strawberry.input(description="A post to publish.")
class PublishPostInput:
    """Checked by `services.feed.posts`."""

    body: str = strawberry.field(
        description=f"The text, 1 to {MAX_POST_LENGTH} characters. Surrounding whitespace is removed."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="A new text for a post.")
class EditPostInput:
    """Checked by `services.feed.posts`."""

    post_id: strawberry.ID = strawberry.field(description="The id of a post by the signed-in user.")
    body: str = strawberry.field(description=f"The new text, 1 to {MAX_POST_LENGTH} characters.")


@strawberry.input(description="A post to delete.")
class DeletePostInput:
    """Checked by `services.feed.posts`."""

    post_id: strawberry.ID = strawberry.field(description="The id of a post by the signed-in user.")


@strawberry.type(description="The post was published.")
class PublishPostSuccess(Row):
    """Describes a `services.feed.posts.PublishPostSuccessRow`."""

    post: Post = strawberry.field(description="The new post, or the first one if the idempotency key was sent before.")


@strawberry.type(description="The post has the new text.")
class EditPostSuccess(Row):
    """Describes a `services.feed.posts.EditPostSuccessRow`."""

    post: Post = strawberry.field(description="The post with its new text.")


@strawberry.type(description="The post is deleted, by this or an earlier request.")
class DeletePostSuccess(Row):
    """Describes a `services.feed.posts.DeletePostSuccessRow`."""

    post_id: strawberry.ID = derived(
        id_writer("Post", "author_id"), description="Id of the deleted post. Remove it from every list."
    )


PublishPostResult = Annotated[
    PublishPostSuccess | InvalidInputProblem | NotFoundProblem | IdempotencyProblem,
    strawberry.union("PublishPostResult", description="The post, or a problem."),
]
EditPostResult = Annotated[
    EditPostSuccess | InvalidInputProblem | NotFoundProblem | ForbiddenProblem,
    strawberry.union("EditPostResult", description="The edited post, or a problem."),
]
DeletePostResult = Annotated[
    DeletePostSuccess | NotFoundProblem | ForbiddenProblem,
    strawberry.union("DeletePostResult", description="The id of the deleted post, or a problem."),
]
