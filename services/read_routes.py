"""Chooses where the reads of a query are sent."""

import time

from adapters.database import statement_recorder
from adapters.database.replicas import Route
from core.errors import Unauthenticated
from core.viewer import SignedIn, Viewer
from models import cache_tags
from services.resources import Resources

_OWN = (cache_tags.viewer, cache_tags.stream_of, cache_tags.feed_of, cache_tags.notifications_of)
"""The tags of what a viewer wrote, and of what events announced to them. The relay moves these before the events."""


async def route_of(viewer: Viewer | Unauthenticated, resources: Resources) -> Route | None:
    """Returns a replica that has everything that the viewer wrote or received, or None if the primary has to be read.

    The tag of a viewer moves with each of their writes and with blocks of them. Apps query again after some events, so
    a replica must have what the events of the viewer announced, too. If the response may be stored, the
    response cache has read the announcements, and the response gets the position up to which the replica has them.
    """
    replicas, recorder = resources.replicas, statement_recorder.get()
    if replicas is None:
        return None
    user_id = viewer.user_id if isinstance(viewer, SignedIn) else 0
    tags = [tag(user_id) for tag in _OWN] if user_id else []
    route = await replicas.choose(tags, user_id, is_announced=recorder is not None)
    if route is not None and recorder is not None:
        recorder.read_at(route.mark.position, time.monotonic() - route.mark.taken_at)
    return route
