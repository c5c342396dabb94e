"""The streams of posts."""

from collections.abc import Iterable, Iterator

from events import CommentAdded, CommentDeleted, Event, PostDeleted, PostEdited, PostLiked, PostUnliked
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent


def post_stream_events(happened: Iterable[RecordedEvent[Event]]) -> list[StreamEvent]:
    """What whoever looks at a post is told."""
    return [told for each in happened for told in _of_one(each)]


def _of_one(each: RecordedEvent[Event]) -> Iterator[StreamEvent]:
    match each.event:
        case PostEdited(actor_id=author, post_id=post_id) | PostDeleted(actor_id=author, post_id=post_id):
            post = RowKey(author, post_id)
            yield each.told(
                post,
                StreamEventKind.POST_CHANGED if isinstance(each.event, PostEdited) else StreamEventKind.POST_REMOVED,
                post,
            )
        case PostLiked(author_id=author, post_id=post_id) | PostUnliked(author_id=author, post_id=post_id):
            post = RowKey(author, post_id)
            yield each.told(post, StreamEventKind.POST_CHANGED, post)
        case (
            CommentAdded(author_id=author, post_id=post_id, comment_id=comment_id)
            | CommentDeleted(author_id=author, post_id=post_id, comment_id=comment_id)
        ):
            post, added = RowKey(author, post_id), isinstance(each.event, CommentAdded)
            yield each.told(
                post,
                StreamEventKind.COMMENT_ADDED if added else StreamEventKind.COMMENT_REMOVED,
                RowKey(author, comment_id),
            )
            yield each.told(post, StreamEventKind.POST_CHANGED, post)
        case _:
            return
