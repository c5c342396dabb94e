"""Projects posts of popular authors into one stream for all readers. Each reader selects the authors they follow."""

from collections.abc import Collection, Sequence

from adapters.database import Queries
from events import Event, PostDeleted, PostEdited, PostPublished
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEvent, StreamEventKind
from services.relay.projections.feeds import feed_reset, followed, unfollowed
from services.relay.projections.recorded_event import RecordedEvent, of_type

_POST = {"author_id": "bigint", "post_id": "bigint"}
_PULLED = (
    "SELECT p.author_id, p.id FROM input_rows g "
    "JOIN posts p ON p.author_id = g.author_id AND p.id = g.post_id AND p.pulled"
)
_KINDS = {
    PostPublished: StreamEventKind.FEED_POST_PUBLISHED,
    PostEdited: StreamEventKind.FEED_POST_CHANGED,
    PostDeleted: StreamEventKind.FEED_POST_REMOVED,
}


async def project_popular(
    transaction: Queries, events: Sequence[RecordedEvent[Event]], popular: Collection[int]
) -> list[StreamEvent]:
    """Returns events of popular authors' posts, and reset events of readers who follow or unfollow one."""
    post_events = [
        recorded for kind in _KINDS for recorded in of_type(events, kind) if recorded.event.actor_id in popular
    ]
    published = {_key(recorded) for recorded in post_events if isinstance(recorded.event, PostPublished)}
    pulled = {
        RowKey(row["author_id"], row["id"])
        for row in await transaction.fetch_with_rows(_PULLED, _POST, sorted(published))
    }
    stream_events = [
        recorded.stream_event(POPULAR_STREAM, _KINDS[type(recorded.event)], _key(recorded))
        for recorded in post_events
        if _key(recorded) in pulled or _key(recorded) not in published
    ]
    for (reader, author), recorded in {**unfollowed(events), **followed(events)}.items():
        if author in popular:
            stream_events.append(feed_reset(recorded, reader))
    return stream_events


def _key(recorded: RecordedEvent[PostPublished | PostEdited | PostDeleted]) -> RowKey:
    return RowKey(recorded.event.actor_id, recorded.event.post_id)
