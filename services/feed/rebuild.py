"""Rebuilds the feed of a user who returns after a long time."""

from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.topics import wake_streams
from services.jobs.job import Job, Outcome
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_MISSED = (
    "INSERT INTO feed_entries (owner_id, post_id, author_id) SELECT m.owner_id, m.id, m.author_id FROM ("
    "SELECT f.owner_id, p.id, p.author_id FROM follows f "
    "JOIN posts p ON p.author_id = f.followee_id AND p.id >= $2 AND p.deleted_at IS NULL AND NOT p.pulled "
    "WHERE f.owner_id = $1 ORDER BY p.id DESC LIMIT $3) m "
    "WHERE true ORDER BY m.owner_id, m.id ON CONFLICT DO NOTHING RETURNING post_id"
)


async def rebuild_feed(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Writes the posts that were published since the last visit, and appends a reset to the user's stream.

    A deleted account follows no one, so nothing is written for it.
    """
    transaction, reader = await work.transaction(), job.key.owner_id
    missed = await transaction.fetch(_MISSED, reader, job.data["since_id"], resources.settings.feed_length)
    if missed:
        inbox = RowKey(reader, reader)
        streams = await append_to_streams(
            transaction, [StreamEvent(inbox, StreamEventKind.FEED_RESET, inbox, job.position, resources.clock())]
        )
        work.after_commit(lambda: wake_streams(resources.bus, streams))
    return Outcome.DONE
