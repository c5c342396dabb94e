"""What follows from the log: counts, feeds, inboxes and streams.

Projections look at how things stand now, not only at what the events say: who follows, whether the post is still
there. So an event that was overtaken by another does no harm, and the order within a batch makes no difference.
"""

from services.relay.projections.audits import AUDIT_KINDS, append_to_chains
from services.relay.projections.jobs import JOB_HANDLERS
from services.relay.projections.project import Projected, project
from services.relay.projections.recorded_event import RecordedEvent, read_recorded

__all__ = ["AUDIT_KINDS", "JOB_HANDLERS", "Projected", "RecordedEvent", "append_to_chains", "project", "read_recorded"]
