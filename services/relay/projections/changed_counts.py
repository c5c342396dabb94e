"""Finds the subjects whose counts an event has changed."""

from events import (
    CommentAdded,
    CommentDeleted,
    Event,
    FollowEnded,
    PostDeleted,
    PostLiked,
    PostPublished,
    PostUnliked,
    UserFollowed,
    UserUnfollowed,
)
from services.event_log.event_streams import RowKey


def changed_counts(event: Event) -> list[RowKey]:
    """Returns owner id and id of every user and post whose changes are to be folded."""
    match event:
        case PostPublished(actor_id=author) | PostDeleted(actor_id=author):
            return [RowKey(author, author)]
        case (
            CommentAdded(author_id=author, post_id=post)
            | CommentDeleted(author_id=author, post_id=post)
            | PostLiked(author_id=author, post_id=post)
            | PostUnliked(author_id=author, post_id=post)
        ):
            return [RowKey(author, post)]
        case (
            UserFollowed(actor_id=one, followee_id=other)
            | UserUnfollowed(actor_id=one, followee_id=other)
            | FollowEnded(follower_id=one, followee_id=other)
        ):
            return [RowKey(one, one), RowKey(other, other)]
        case _:
            return []
