"""Liking posts."""

from typing import Annotated

import strawberry

from schema.feed.types import Post
from schema.problems import NotFoundProblem
from schema.row import Row


@strawberry.input(description="A post to like.")
class LikePostInput:
    """Checked by `services.feed.likes`."""

    post_id: strawberry.ID = strawberry.field(description="Which post.")


@strawberry.input(description="A post to like no longer.")
class UnlikePostInput:
    """Checked by `services.feed.likes`."""

    post_id: strawberry.ID = strawberry.field(description="Which post.")


@strawberry.type(description="Liked, now or before.")
class LikePostSuccess(Row):
    """Rows: `services.feed.likes.LikePostSuccessRow`."""

    post: Post = strawberry.field(description="The post, with the like counted.")


@strawberry.type(description="Not liked, now or before.")
class UnlikePostSuccess(Row):
    """Rows: `services.feed.likes.UnlikePostSuccessRow`."""

    post: Post = strawberry.field(description="The post, without the like.")


LikePostResult = Annotated[
    LikePostSuccess | NotFoundProblem,
    strawberry.union("LikePostResult", description="The liked post, or why there is none."),
]
UnlikePostResult = Annotated[
    UnlikePostSuccess | NotFoundProblem,
    strawberry.union("UnlikePostResult", description="The post, or why there is none."),
]
