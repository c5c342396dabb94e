"""Runs all projections on a batch of events."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import NamedTuple

from adapters.database import Queries
from events import Event
from services.event_log.counts import fold_counts
from services.event_log.event_streams import RowKey, append_to_streams
from services.jobs.table import enqueue
from services.relay.projections.audits import project_audit_entries
from services.relay.projections.authors import find_authors, limit_batch
from services.relay.projections.changed_counts import changed_counts
from services.relay.projections.changed_tags import projected_tags
from services.relay.projections.deliveries import delivery_jobs
from services.relay.projections.devices import device_stream_events
from services.relay.projections.feeds import project_feeds, trim_feeds
from services.relay.projections.growth import GROWTH_INTERVAL, announce_grown, growth_jobs
from services.relay.projections.inbox_counts import changed_inbox_counts
from services.relay.projections.inboxes import project_inboxes
from services.relay.projections.jobs import JOB_HANDLERS, JobHandlers, jobs_of, with_causes
from services.relay.projections.payments import project_payments
from services.relay.projections.popular import project_popular
from services.relay.projections.posts import changed_post_counts, post_stream_events
from services.relay.projections.recorded_event import RecordedEvent
from services.resources import Resources


class Projected(NamedTuple):
    """The number of events that were projected, counted from the first.

    Also the number of jobs that they created, the event streams that changed, and the cache tags of the changes.
    """

    events: int
    jobs: int
    streams: Sequence[RowKey]
    tags: Collection[str]


async def project(
    transaction: Queries,
    batch: Sequence[RecordedEvent[Event]],
    resources: Resources,
    handlers: JobHandlers = JOB_HANDLERS,
) -> Projected:
    """Projects a batch in the transaction that also moves the position, so each event is projected once.

    Totals and streams of users may be written by relays of other partitions too. They are written last and in the order
    of their keys, so that relays wait for each other briefly and never deadlock. Inboxes are locked before them, in the
    same order.
    """
    settings, now = resources.settings, resources.clock()
    authors = await find_authors(transaction, batch, settings.push_followers)
    events = limit_batch(batch, authors)
    away_since = now - timedelta(days=settings.away_days)
    inboxes = await project_inboxes(transaction, events, resources.ids, now)
    stream_events = [
        *await project_feeds(transaction, events, away_since, authors.popular),
        *await project_popular(transaction, events, authors.popular),
        *inboxes.stream_events,
        *await announce_grown(transaction, events),
        *await project_payments(transaction, events),
        *device_stream_events(events),
        *post_stream_events(events),
    ]
    await project_audit_entries(transaction, events, resources.seals)
    await trim_feeds(transaction, stream_events, settings.feed_length)
    jobs = with_causes([*jobs_of(events, handlers), *await delivery_jobs(transaction, stream_events)], events)
    await enqueue(transaction, jobs, now)
    await enqueue(transaction, growth_jobs(inboxes.grown), now + GROWTH_INTERVAL)
    await fold_counts(
        transaction, sorted({subject for recorded in events for subject in changed_counts(recorded.event)})
    )
    counts = [*changed_post_counts(events), *changed_inbox_counts(events)]
    streams = await append_to_streams(transaction, stream_events, counts)
    tags = projected_tags(events, stream_events, inboxes.grown)
    return Projected(len(events), len(jobs), streams, tags)
