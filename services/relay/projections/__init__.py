"""Projections derive rows from events: counts, feeds, inboxes, audit entries, jobs and event streams.

They read the current rows, not only the events: the follows, and whether the post still exists. So the order of
events within a batch does not matter.
"""

from services.relay.projections.audits import AUDIT_KINDS, append_to_chains
from services.relay.projections.jobs import JOB_HANDLERS
from services.relay.projections.project import Projected, project
from services.relay.projections.recorded_event import RecordedEvent, read_recorded

__all__ = ["AUDIT_KINDS", "JOB_HANDLERS", "Projected", "RecordedEvent", "append_to_chains", "project", "read_recorded"]
