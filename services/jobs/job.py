"""What a job is."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from services.event_log.log import LogPosition
from services.resources import Resources
from services.unit_of_work import UnitOfWork


class JobKey(NamedTuple):
    """An event and what has to be done because of it: that is one job, and is done once."""

    owner_id: int
    event_id: int
    handler: str


class Job(NamedTuple):
    """Work for a handler. `data` has the event's fields but its actor; `position` is the event's place in the log."""

    key: JobKey
    position: LogPosition
    data: Mapping[str, int]
    attempts: int
    lease: int
    created_at: datetime


class Offer(NamedTuple):
    """A job that may be taken by whoever is first; `lease` is the one that it has now."""

    key: JobKey
    lease: int

    def written(self) -> str:
        """As an engine carries it."""
        return f"{self.key.owner_id}:{self.key.event_id}:{self.key.handler}:{self.lease}"


def read_offer(text: str) -> Offer:
    owner_id, event_id, handler, lease = text.split(":")
    return Offer(JobKey(int(owner_id), int(event_id), handler), int(lease))


class Outcome(Enum):
    """How far a handler has come."""

    DONE = "all of it is done"
    MORE = "a part of it is done; the job is to run again soon"
    SOON = "it has to wait for the relay; the job is to run again after a moment"
    LATER = "it has to wait for something; the job is to run again in a while"


Handler = Callable[[UnitOfWork, Resources, Job], Awaitable[Outcome]]
"""Does a job. What it writes by the unit of work is kept once, together with the news that the job is done.

It may run more than once: when it fails, and when whoever ran it is gone. What it does elsewhere has to bear that; the
job's key is the same each time. What the job is about may be gone by then, and the job is done.
"""

Handlers = Mapping[str, Handler]
