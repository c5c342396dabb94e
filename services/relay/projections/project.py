"""All that follows from a batch of events."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from adapters.database import Queries
from events import Event
from services.event_log.counts import fold_counts
from services.event_log.event_streams import append_to_streams
from services.jobs.table import enqueue
from services.relay.projections.audits import project_audit_entries
from services.relay.projections.authors import find_authors, limit_batch
from services.relay.projections.changed_counts import changed_counts
from services.relay.projections.feeds import project_feeds, trim_feeds
from services.relay.projections.inboxes import project_inboxes
from services.relay.projections.jobs import JOB_HANDLERS, JobHandlers, jobs_of
from services.relay.projections.popular import project_popular
from services.relay.projections.posts import post_stream_events
from services.relay.projections.recorded_event import RecordedEvent
from services.resources import Resources


class Projected(NamedTuple):
    """How many events of a batch, from the first on, have been dealt with; and how many jobs follow from them."""

    events: int
    jobs: int


async def project(
    transaction: Queries,
    batch: Sequence[RecordedEvent[Event]],
    resources: Resources,
    follows: JobHandlers = JOB_HANDLERS,
) -> Projected:
    """Does it in the transaction that also notes how far the log was read: once, or not at all.

    What relays of other partitions may write too, people's counts and streams, comes last and in the order of its keys,
    so that they wait for each other briefly and never in a circle.
    """
    settings, now = resources.settings, resources.clock()
    authors = await find_authors(transaction, batch, settings.push_followers)
    happened = limit_batch(batch, authors)
    away_since = now - timedelta(days=settings.away_days)
    told = [
        *await project_feeds(transaction, happened, away_since, authors.popular),
        *await project_popular(transaction, happened, authors.popular),
        *await project_inboxes(transaction, happened, resources.ids),
        *post_stream_events(happened),
    ]
    await project_audit_entries(transaction, happened, resources.seals)
    await trim_feeds(transaction, told, settings.feed_length)
    jobs = jobs_of(happened, follows)
    await enqueue(transaction, jobs, now)
    await fold_counts(transaction, sorted({subject for each in happened for subject in changed_counts(each.event)}))
    await append_to_streams(transaction, told)
    return Projected(len(happened), len(jobs))
