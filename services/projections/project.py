"""All that follows from a batch of events."""

from collections.abc import Sequence
from datetime import timedelta

from adapters.database import Queries
from events import Event
from services.counts import fold_counts
from services.projections.counted import counted_by
from services.projections.feeds import project_feeds
from services.projections.happened import Happened
from services.projections.inboxes import project_inboxes
from services.projections.popular import project_popular
from services.projections.posts import of_posts
from services.resources import Resources
from services.streams import append_to_streams


async def project(transaction: Queries, happened: Sequence[Happened[Event]], resources: Resources) -> None:
    """Does it in the transaction that also notes how far the log was read: once, or not at all.

    What relays of other partitions may write too, people's counts and streams, comes last and in the order of its keys,
    so that they wait for each other briefly and never in a circle.
    """
    away_since = resources.clock() - timedelta(days=resources.settings.away_days)
    told = [
        *await project_feeds(transaction, happened, away_since),
        *await project_popular(transaction, happened),
        *await project_inboxes(transaction, happened, resources.ids),
        *of_posts(happened),
    ]
    await fold_counts(transaction, sorted({subject for each in happened for subject in counted_by(each.event)}))
    await append_to_streams(transaction, told)
