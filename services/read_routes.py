"""Chooses where the reads of a query are sent."""

import time

from adapters.database import statement_recorder
from adapters.database.replicas import Route
from core.errors import Unauthenticated
from core.viewer import SignedIn, Viewer
from models import cache_tags
from services.resources import Resources


async def route_of(viewer: Viewer | Unauthenticated, resources: Resources) -> Route | None:
    """Returns a replica that has everything that the viewer wrote, or None if the reads have to be sent to the primary.

    The tag of a viewer moves with each of their writes and with blocks of them. If the response may be stored, the
    response cache has read the announcements, and the response gets the position up to which the replica has them.
    """
    replicas, recorder = resources.replicas, statement_recorder.get()
    if replicas is None:
        return None
    user_id = viewer.user_id if isinstance(viewer, SignedIn) else 0
    tags = [cache_tags.viewer(user_id)] if user_id else []
    route = await replicas.choose(tags, user_id, is_announced=recorder is not None)
    if route is not None and recorder is not None:
        recorder.read_at(route.mark.position, time.monotonic() - route.mark.taken_at)
    return route
