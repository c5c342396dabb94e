"""Counts the work of a worker: jobs, and batches of the relay."""

from collections import Counter, defaultdict
from datetime import datetime

from core.durations import OutcomeDurations

BOUNDS = (0.01, 0.05, 0.25, 1.0, 5.0, 30.0)
"""Upper bounds of the buckets of durations, in seconds."""


class WorkStatistics:
    """Holds the work of this process since its start.

    Outcomes of jobs are those of one attempt: done, continued (it has more to do, or waits until an instant), failed,
    or lost (another worker has its lease). Those of batches are the names of `Progress`.
    """

    def __init__(self) -> None:
        self.jobs = defaultdict[str, OutcomeDurations](lambda: OutcomeDurations(BOUNDS))
        """Attempts of jobs by the name of the handler."""
        self.batches = OutcomeDurations(BOUNDS)
        """Batches of the relay."""
        self.projected = Counter[str]()
        """Projected events by type."""
        self.unknown_events = dict[int, datetime]()
        """The time of the next event of each partition that this process leaves to newer releases."""
        self.unknown_job_at: datetime | None = None
        """The time since which the first job that this process leaves to newer releases is due."""
