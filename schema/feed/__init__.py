"""Posts, comments, follows and blocks: types, inputs and results."""

from schema.feed.comments import AddCommentInput, AddCommentResult, DeleteCommentInput, DeleteCommentResult
from schema.feed.likes import LikePostInput, LikePostResult, UnlikePostInput, UnlikePostResult
from schema.feed.posts import (
    DeletePostInput,
    DeletePostResult,
    EditPostInput,
    EditPostResult,
    PublishPostInput,
    PublishPostResult,
)
from schema.feed.relationships import (
    BlockUserInput,
    BlockUserResult,
    FollowUserInput,
    FollowUserResult,
    UnblockUserInput,
    UnblockUserResult,
    UnfollowUserInput,
    UnfollowUserResult,
)
from schema.feed.types import Comment, Post

__all__ = [
    "AddCommentInput",
    "AddCommentResult",
    "BlockUserInput",
    "BlockUserResult",
    "Comment",
    "DeleteCommentInput",
    "DeleteCommentResult",
    "DeletePostInput",
    "DeletePostResult",
    "EditPostInput",
    "EditPostResult",
    "FollowUserInput",
    "FollowUserResult",
    "LikePostInput",
    "LikePostResult",
    "Post",
    "PublishPostInput",
    "PublishPostResult",
    "UnblockUserInput",
    "UnblockUserResult",
    "UnfollowUserInput",
    "UnfollowUserResult",
    "UnlikePostInput",
    "UnlikePostResult",
]
