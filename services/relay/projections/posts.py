"""The streams of posts."""

from collections.abc import Iterable, Iterator

from events import CommentAdded, CommentDeleted, Event, PostDeleted, PostEdited, PostLiked, PostUnliked
from services.event_log.event_streams import Key, Kind, Told
from services.relay.projections.recorded_event import Happened


def of_posts(happened: Iterable[Happened[Event]]) -> list[Told]:
    """What whoever looks at a post is told."""
    return [told for each in happened for told in _of_one(each)]


def _of_one(each: Happened[Event]) -> Iterator[Told]:
    match each.event:
        case PostEdited(actor_id=author, post_id=post_id) | PostDeleted(actor_id=author, post_id=post_id):
            post = Key(author, post_id)
            yield each.told(post, Kind.POST_CHANGED if isinstance(each.event, PostEdited) else Kind.POST_REMOVED, post)
        case PostLiked(author_id=author, post_id=post_id) | PostUnliked(author_id=author, post_id=post_id):
            post = Key(author, post_id)
            yield each.told(post, Kind.POST_CHANGED, post)
        case (
            CommentAdded(author_id=author, post_id=post_id, comment_id=comment_id)
            | CommentDeleted(author_id=author, post_id=post_id, comment_id=comment_id)
        ):
            post, added = Key(author, post_id), isinstance(each.event, CommentAdded)
            yield each.told(post, Kind.COMMENT_ADDED if added else Kind.COMMENT_REMOVED, Key(author, comment_id))
            yield each.told(post, Kind.POST_CHANGED, post)
        case _:
            return
