"""Projects edits, comments and likes into the event streams of posts. Likes only change counts."""

from collections.abc import Iterable, Iterator

from events import CommentAdded, CommentDeleted, Event, PostDeleted, PostEdited, PostLiked, PostUnliked
from services.event_log.event_streams import ChangedCounts, RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent


def post_stream_events(events: Iterable[RecordedEvent[Event]]) -> list[StreamEvent]:
    """Returns the events for subscribers of posts."""
    return [event for recorded in events for event in _of_one(recorded)]


def changed_post_counts(events: Iterable[RecordedEvent[Event]]) -> list[ChangedCounts]:
    """Returns the posts whose likes or comments have changed."""
    result: list[ChangedCounts] = []
    for event, position, *_ in events:
        if isinstance(event, PostLiked | PostUnliked | CommentAdded | CommentDeleted):
            result.append(ChangedCounts(RowKey(event.author_id, event.post_id), position))
    return result


def _of_one(recorded: RecordedEvent[Event]) -> Iterator[StreamEvent]:
    match recorded.event:
        case PostEdited(actor_id=author, post_id=post_id) | PostDeleted(actor_id=author, post_id=post_id):
            post = RowKey(author, post_id)
            yield recorded.stream_event(
                post,
                StreamEventKind.POST_CHANGED
                if isinstance(recorded.event, PostEdited)
                else StreamEventKind.POST_REMOVED,
                post,
            )
        case (
            CommentAdded(author_id=author, post_id=post_id, comment_id=comment_id)
            | CommentDeleted(author_id=author, post_id=post_id, comment_id=comment_id)
        ):
            post, added = RowKey(author, post_id), isinstance(recorded.event, CommentAdded)
            yield recorded.stream_event(
                post,
                StreamEventKind.COMMENT_ADDED if added else StreamEventKind.COMMENT_REMOVED,
                RowKey(author, comment_id),
            )
        case _:
            return
