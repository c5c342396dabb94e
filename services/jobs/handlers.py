"""Which job is done by what."""

from services.feed.rebuild import rebuild_feed
from services.jobs.job import Handlers
from services.jobs.retention import forget_old

HANDLERS: Handlers = {"forget_old": forget_old, "rebuild_feed": rebuild_feed}
