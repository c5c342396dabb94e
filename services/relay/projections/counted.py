"""Whose counts an event has changed."""

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
from services.event_log.event_streams import Key


def counted_by(event: Event) -> list[Key]:
    """Owner and id of every person and post that has changes to be folded."""
    match event:
        case PostPublished(actor_id=author) | PostDeleted(actor_id=author):
            return [Key(author, author)]
        case (
            CommentAdded(author_id=author, post_id=post)
            | CommentDeleted(author_id=author, post_id=post)
            | PostLiked(author_id=author, post_id=post)
            | PostUnliked(author_id=author, post_id=post)
        ):
            return [Key(author, post)]
        case (
            UserFollowed(actor_id=one, followee_id=other)
            | UserUnfollowed(actor_id=one, followee_id=other)
            | FollowEnded(follower_id=one, followee_id=other)
        ):
            return [Key(one, one), Key(other, other)]
        case _:
            return []
