"""What follows from the log: counts, feeds, inboxes and streams.

Projections look at how things stand now, not only at what the events say: who follows, whether the post is still
there. So an event that was overtaken by another does no harm, and the order within a batch makes no difference.
"""

from services.relay.projections.audits import KINDS, add_to_trails
from services.relay.projections.jobs import FOLLOWS
from services.relay.projections.project import Projected, project
from services.relay.projections.recorded_event import Happened, as_happened

__all__ = ["FOLLOWS", "KINDS", "Happened", "Projected", "add_to_trails", "as_happened", "project"]
