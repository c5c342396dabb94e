"""What follows from the log: counts, feeds, inboxes and streams.

Projections look at how things stand now, not only at what the events say: who follows, whether the post is still
there. So an event that was overtaken by another does no harm, and the order within a batch makes no difference.
"""

from services.projections.audits import KINDS, add_to_trails
from services.projections.happened import Happened, as_happened
from services.projections.jobs import FOLLOWS
from services.projections.project import Projected, project

__all__ = ["FOLLOWS", "KINDS", "Happened", "Projected", "add_to_trails", "as_happened", "project"]
