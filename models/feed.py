"""Posts, comments, likes and home feeds."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns
from models.counts import current_count
from models.users import UserRow, joined_user

PostRow = TypedDict(
    "PostRow",
    {
        "__typename": NotRequired[Literal["Post"]],
        "id": int,
        "author_id": int,
        "body": str,
        "created_at": datetime,
        "edited_at": datetime | None,
        "like_count": int,
        "comment_count": int,
        "liked_by_viewer": NotRequired[bool],
        "author": UserRow,
    },
)

CommentRow = TypedDict(
    "CommentRow",
    {
        "__typename": NotRequired[Literal["Comment"]],
        "id": int,
        "owner_id": int,
        "post_id": int,
        "author_id": int,
        "body": str,
        "created_at": datetime,
        "author": UserRow,
    },
)

POST_COLUMNS = RowColumns(
    {
        "id": "p.id",
        "author_id": "p.author_id",
        "body": "p.body",
        "created_at": "p.created_at",
        "edited_at": "p.edited_at",
        "like_count": current_count("pc.likes", "p.author_id", "p.id", "likes"),
        "comment_count": current_count("pc.comments", "p.author_id", "p.id", "comments"),
        **joined_user("author", "u"),
    },
    always=("id", "author_id"),
)
"""The columns of a `PostRow` from `posts p` with `POST_JOINS`."""

POST_JOINS = (
    "JOIN users u ON u.id = p.author_id LEFT JOIN post_counts pc ON pc.author_id = p.author_id AND pc.post_id = p.id"
)

COMMENT_COLUMNS = RowColumns(
    {
        "id": "c.id",
        "owner_id": "c.owner_id",
        "post_id": "c.post_id",
        "author_id": "c.author_id",
        "body": "c.body",
        "created_at": "c.created_at",
        **joined_user("author", "u"),
    },
    always=("id", "owner_id", "post_id", "author_id"),
)
"""The columns of a `CommentRow` from `comments c` with `COMMENT_JOINS`."""

COMMENT_JOINS = "JOIN users u ON u.id = c.author_id"


def liked_by(viewer: str) -> str:
    """Returns an SQL expression: the user with this id likes post `p`."""
    return (
        "EXISTS (SELECT 1 FROM likes l"  # noqa: S608 - built from constants
        f" WHERE l.owner_id = p.author_id AND l.post_id = p.id AND l.user_id = {viewer})"
    )


class PostModel(Model):
    """A post, in its author's partition.

    A post that is `pulled` is not written into feeds; reads of a feed query it. This is decided when the post is
    published and never changes.
    """

    author_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    body = fields.TextField()
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)
    pulled = fields.BooleanField(default=False)
    words = fields.TextField(null=True)
    """The words that search compares; on PostgreSQL a `tsvector`."""
    words_key = fields.BigIntField(null=True)
    """Identifies the tokenizer and the text from which `words` was computed."""

    class Meta(Model.Meta):
        table = "posts"


class PopularAuthorModel(Model):
    """An author who has published a pulled post."""

    author_id = fields.BigIntField(primary_key=True, generated=False)
    since_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "popular_authors"


class PostCountModel(Model):
    """The folded counts of a post. Newer changes are in `count_deltas`."""

    author_id = fields.BigIntField()
    post_id = fields.BigIntField(primary_key=True, generated=False)
    likes = fields.BigIntField()
    comments = fields.BigIntField()

    class Meta(Model.Meta):
        table = "post_counts"


class CommentModel(Model):
    """A comment on a post, in the partition of the post's author (`owner_id`)."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    author_id = fields.BigIntField()
    body = fields.TextField()
    created_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "comments"


class LikeModel(Model):
    """A like of a post by `user_id`, in the partition of the post's author (`owner_id`)."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField()
    user_id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "likes"


class FeedEntryModel(Model):
    """A post in the home feed of `owner_id`."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField(primary_key=True, generated=False)
    author_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "feed_entries"
