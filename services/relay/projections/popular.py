"""The stream of posts that are pulled: one for everybody, whoever follows its authors takes their part of it."""

from collections.abc import Collection, Sequence

from adapters.database import Queries
from events import Event, PostDeleted, PostEdited, PostPublished
from services.event_log.event_streams import POPULAR_STREAM, RowKey, StreamEvent, StreamEventKind
from services.relay.projections.feeds import followed, unfollowed
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
    transaction: Queries, happened: Sequence[RecordedEvent[Event]], popular: Collection[int]
) -> list[StreamEvent]:
    """What popular authors did, and whose feeds have changed because they follow one or do no longer."""
    of_posts = [each for kind in _KINDS for each in of_type(happened, kind) if each.event.actor_id in popular]
    published = {_key(each) for each in of_posts if isinstance(each.event, PostPublished)}
    pulled = {
        RowKey(row["author_id"], row["id"])
        for row in await transaction.fetch_with_rows(_PULLED, _POST, sorted(published))
    }
    told = [
        each.told(POPULAR_STREAM, _KINDS[type(each.event)], _key(each))
        for each in of_posts
        if _key(each) in pulled or _key(each) not in published
    ]
    for (reader, author), each in {**unfollowed(happened), **followed(happened)}.items():
        if author in popular:
            told.append(each.told(RowKey(reader, reader), StreamEventKind.FEED_RESET, RowKey(reader, reader)))
    return told


def _key(each: RecordedEvent[PostPublished | PostEdited | PostDeleted]) -> RowKey:
    return RowKey(each.event.actor_id, each.event.post_id)
