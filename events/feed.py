"""Posts, comments, likes, and who follows or blocks whom. The actor is who did it."""

from typing import ClassVar

from events.base import Event


class PostPublished(Event, frozen=True):
    """By its author."""

    post_id: int


class PostEdited(Event, frozen=True):
    """By its author."""

    post_id: int


class PostDeleted(Event, frozen=True):
    """By its author."""

    post_id: int


class CommentAdded(Event, frozen=True):
    """To a post of `author_id`."""

    about: ClassVar[str] = "author_id"

    author_id: int
    post_id: int
    comment_id: int


class CommentDeleted(Event, frozen=True):
    """From a post of `author_id`."""

    about: ClassVar[str] = "author_id"

    author_id: int
    post_id: int
    comment_id: int


class PostLiked(Event, frozen=True):
    """A post of `author_id`."""

    about: ClassVar[str] = "author_id"

    author_id: int
    post_id: int


class PostUnliked(Event, frozen=True):
    """A post of `author_id`."""

    about: ClassVar[str] = "author_id"

    author_id: int
    post_id: int


class UserFollowed(Event, frozen=True):
    """The actor follows `followee_id` from now on."""

    about: ClassVar[str] = "followee_id"

    followee_id: int


class UserUnfollowed(Event, frozen=True):
    """The actor follows `followee_id` no longer."""

    about: ClassVar[str] = "followee_id"

    followee_id: int


class FollowEnded(Event, frozen=True):
    """The actor has blocked one of the two, so `follower_id` follows `followee_id` no longer."""

    about: ClassVar[str] = "followee_id"

    follower_id: int
    followee_id: int


class UserBlocked(Event, frozen=True):
    """The two are hidden from each other."""

    blocked_id: int


class UserUnblocked(Event, frozen=True):
    """The actor blocks `blocked_id` no longer."""

    blocked_id: int


EVENTS = (
    PostPublished,
    PostEdited,
    PostDeleted,
    CommentAdded,
    CommentDeleted,
    PostLiked,
    PostUnliked,
    UserFollowed,
    UserUnfollowed,
    FollowEnded,
    UserBlocked,
    UserUnblocked,
)
