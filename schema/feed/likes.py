"""Inputs and results of likes."""

from typing import Annotated

import strawberry

from schema.feed.types import Post
from schema.problems import NotFoundProblem
from schema.row import Row


@strawberry.input(description="A post to like.")
class LikePostInput:
    """Checked by `services.feed.likes`."""

    post_id: strawberry.ID = strawberry.field(description="The id of the post.")


@strawberry.input(description="A post to unlike.")
class UnlikePostInput:
    """Checked by `services.feed.likes`."""

    post_id: strawberry.ID = strawberry.field(description="The id of the post.")


@strawberry.type(description="The post is liked, by this or an earlier request.")
class LikePostSuccess(Row):
    """Describes a `services.feed.likes.LikePostSuccessRow`."""

    post: Post = strawberry.field(description="The post, with the like counted.")


@strawberry.type(description="The post is not liked, by this or an earlier request.")
class UnlikePostSuccess(Row):
    """Describes a `services.feed.likes.UnlikePostSuccessRow`."""

    post: Post = strawberry.field(description="The post, without the like.")


LikePostResult = Annotated[
    LikePostSuccess | NotFoundProblem,
    strawberry.union("LikePostResult", description="The liked post, or a problem."),
]
UnlikePostResult = Annotated[
    UnlikePostSuccess | NotFoundProblem,
    strawberry.union("UnlikePostResult", description="The post, or a problem."),
]
