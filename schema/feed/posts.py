"""Publishing, editing and deleting posts."""

from typing import Annotated

import strawberry

from core.global_ids import id_writer
from schema.feed.types import Post
from schema.problems import ForbiddenProblem, IdempotencyProblem, InvalidInputProblem, NotFoundProblem
from schema.row import Row, derived
from services.feed.posts import MAX_POST_LENGTH
from services.idempotency import MAX_KEY_LENGTH

KEY_DESCRIPTION = (
    f"Made by the app, new for each new request, of 1 to {MAX_KEY_LENGTH} letters, like a UUID. Send the same again "
    "when no answer came: it is done once."
)


@strawberry.input(description="A post to publish.")
class PublishPostInput:
    """Checked by `services.feed.posts`."""

    body: str = strawberry.field(
        description=f"The text, 1 to {MAX_POST_LENGTH} letters. Space around it is taken away."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_DESCRIPTION)


@strawberry.input(description="A new text for a post.")
class EditPostInput:
    """Checked by `services.feed.posts`."""

    post_id: strawberry.ID = strawberry.field(description="Which of the signed-in person's posts.")
    body: str = strawberry.field(description=f"The text from now on, 1 to {MAX_POST_LENGTH} letters.")


@strawberry.input(description="A post to delete.")
class DeletePostInput:
    """Checked by `services.feed.posts`."""

    post_id: strawberry.ID = strawberry.field(description="Which of the signed-in person's posts.")


@strawberry.type(description="Published.")
class PublishPostSuccess(Row):
    """Rows: `services.feed.posts.PublishPostSuccessRow`."""

    post: Post = strawberry.field(description="The new post; the one of before when the key was sent before.")


@strawberry.type(description="Edited.")
class EditPostSuccess(Row):
    """Rows: `services.feed.posts.EditPostSuccessRow`."""

    post: Post = strawberry.field(description="The post with its new text.")


@strawberry.type(description="Deleted, now or before.")
class DeletePostSuccess(Row):
    """Rows: `services.feed.posts.DeletePostSuccessRow`."""

    post_id: strawberry.ID = derived(
        id_writer("Post", "author_id"), description="Which post is gone; take it out of every list."
    )


PublishPostResult = Annotated[
    PublishPostSuccess | InvalidInputProblem | NotFoundProblem | IdempotencyProblem,
    strawberry.union("PublishPostResult", description="The post, or why there is none."),
]
EditPostResult = Annotated[
    EditPostSuccess | InvalidInputProblem | NotFoundProblem | ForbiddenProblem,
    strawberry.union("EditPostResult", description="The edited post, or why it stays as it was."),
]
DeletePostResult = Annotated[
    DeletePostSuccess | NotFoundProblem | ForbiddenProblem,
    strawberry.union("DeletePostResult", description="Which post is gone, or why it stays."),
]
