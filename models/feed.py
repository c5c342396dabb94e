"""Posts, comments, likes, and each person's feed."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from models.counts import current_count
from models.users import UserRow, joined_user

PostRow = TypedDict(
    "PostRow",
    {
        "__typename": Literal["Post"],
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
        "__typename": Literal["Comment"],
        "id": int,
        "owner_id": int,
        "post_id": int,
        "author_id": int,
        "body": str,
        "created_at": datetime,
        "author": UserRow,
    },
)

POST_COLUMNS = (
    "'Post' AS __typename, p.id, p.author_id, p.body, p.created_at, p.edited_at, "
    f"{current_count('pc.likes', 'p.author_id', 'p.id', 'likes')} AS like_count, "
    f"{current_count('pc.comments', 'p.author_id', 'p.id', 'comments')} AS comment_count, {joined_user('author', 'u')}"
)
"""Selects a `PostRow` from `posts p` with `POST_JOINS`."""

POST_JOINS = (
    "JOIN users u ON u.id = p.author_id LEFT JOIN post_counts pc ON pc.author_id = p.author_id AND pc.post_id = p.id"
)

COMMENT_COLUMNS = (
    "'Comment' AS __typename, c.id, c.owner_id, c.post_id, c.author_id, c.body, c.created_at, "
    f"{joined_user('author', 'u')}"
)
"""Selects a `CommentRow` from `comments c` with `COMMENT_JOINS`."""

COMMENT_JOINS = "JOIN users u ON u.id = c.author_id"


def liked_by(viewer: str) -> str:
    """An expression: whether the person with this id likes post `p`."""
    return (
        "EXISTS (SELECT 1 FROM likes l"  # noqa: S608 - built from constants
        f" WHERE l.owner_id = p.author_id AND l.post_id = p.id AND l.user_id = {viewer})"
    )


class Post(Model):
    """A post, in its author's partition.

    One that is `pulled` is in no follower's feed; it is looked up when a feed is read. That is decided for ever when it
    is published.
    """

    author_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    body = fields.TextField()
    created_at = fields.DatetimeField()
    edited_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)
    pulled = fields.BooleanField(default=False)
    words = fields.TextField(null=True)
    """What search compares; on PostgreSQL a `tsvector`."""
    words_key = fields.BigIntField(null=True)
    """Which text and which tokenizer `words` comes from."""

    class Meta(Model.Meta):
        table = "posts"


class PopularAuthor(Model):
    """Somebody who has published a post that is pulled."""

    author_id = fields.BigIntField(primary_key=True, generated=False)
    since_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "popular_authors"


class PostCount(Model):
    """The folded part of a post's counts; what is newer stands in `count_deltas`."""

    author_id = fields.BigIntField()
    post_id = fields.BigIntField(primary_key=True, generated=False)
    likes = fields.BigIntField()
    comments = fields.BigIntField()

    class Meta(Model.Meta):
        table = "post_counts"


class Comment(Model):
    """A comment, in the partition of the post's author (`owner_id`)."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    author_id = fields.BigIntField()
    body = fields.TextField()
    created_at = fields.DatetimeField()
    deleted_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "comments"


class Like(Model):
    """`user_id` likes a post, in the partition of the post's author (`owner_id`)."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField()
    user_id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "likes"


class FeedEntry(Model):
    """A post in `owner_id`'s home feed."""

    owner_id = fields.BigIntField()
    post_id = fields.BigIntField(primary_key=True, generated=False)
    author_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "feed_entries"
