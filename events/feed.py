"""Events of posts, comments, likes, follows and blocks. The actor is the user who performed the action."""

from typing import ClassVar

from events.base import Event


class PostPublished(Event, frozen=True):
    """The actor published a post."""

    post_id: int


class AuthorBecamePopular(Event, frozen=True):
    """The actor published the first post that readers' feeds look up."""


class PostEdited(Event, frozen=True):
    """The actor edited their post."""

    post_id: int


class PostDeleted(Event, frozen=True):
    """The actor deleted their post."""

    post_id: int


class CommentAdded(Event, frozen=True):
    """The actor added a comment to a post of `author_id`."""

    owner_field: ClassVar[str] = "author_id"

    author_id: int
    post_id: int
    comment_id: int


class CommentDeleted(Event, frozen=True):
    """The actor deleted a comment on a post of `author_id`."""

    owner_field: ClassVar[str] = "author_id"

    author_id: int
    post_id: int
    comment_id: int


class PostLiked(Event, frozen=True):
    """The actor liked a post of `author_id`."""

    owner_field: ClassVar[str] = "author_id"

    author_id: int
    post_id: int


class PostUnliked(Event, frozen=True):
    """The actor removed their like from a post of `author_id`."""

    owner_field: ClassVar[str] = "author_id"

    author_id: int
    post_id: int


class UserFollowed(Event, frozen=True):
    """The actor started to follow `followee_id`."""

    owner_field: ClassVar[str] = "followee_id"

    followee_id: int


class UserUnfollowed(Event, frozen=True):
    """The actor stopped following `followee_id`."""

    owner_field: ClassVar[str] = "followee_id"

    followee_id: int


class FollowEnded(Event, frozen=True):
    """The actor blocked one of the two users, which ended the follow of `followee_id` by `follower_id`."""

    owner_field: ClassVar[str] = "followee_id"

    follower_id: int
    followee_id: int


class UserBlocked(Event, frozen=True):
    """The actor blocked `blocked_id`. Each is hidden from the other."""

    blocked_id: int


class UserUnblocked(Event, frozen=True):
    """The actor unblocked `blocked_id`."""

    blocked_id: int


EVENTS = (
    PostPublished,
    AuthorBecamePopular,
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
