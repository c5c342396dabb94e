"""Jobs, their handlers and outcomes."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from core.tracing import SpanContext
from services.event_log.log import LogPosition
from services.resources import Resources
from services.unit_of_work import UnitOfWork


class JobKey(NamedTuple):
    """The key of a job: the event, or the notification, because of which a handler does something. It is done once.

    A job about a notification may be created again when it is done.
    """

    owner_id: int
    event_id: int
    handler: str


class Job(NamedTuple):
    """Work for a handler.

    `data` has the event's fields except its actor; `position` is the position in the log of the event that created it.
    `cause` is the span of the request that emitted that event, if it was traced.
    """

    key: JobKey
    position: LogPosition
    data: Mapping[str, int]
    attempts: int
    lease: int
    created_at: datetime
    cause: SpanContext | None = None


class Offer(NamedTuple):
    """A job that the first worker may take; `lease` is its present lease."""

    key: JobKey
    lease: int

    def encode(self) -> str:
        """Returns the text of the offer for the queue."""
        return f"{self.key.owner_id}:{self.key.event_id}:{self.key.handler}:{self.lease}"


def read_offer(text: str) -> Offer:
    """Decodes the text of an offer."""
    owner_id, event_id, handler, lease = text.split(":")
    return Offer(JobKey(int(owner_id), int(event_id), handler), int(lease))


class Outcome(Enum):
    """The result of a run of a handler."""

    DONE = "the job is done"
    MORE = "a part of the job is done; it runs again at once"
    SOON = "the job waits for the relay; it runs again after a moment"
    LATER = "the job waits for something else; it runs again after a longer pause"


class Postponed(NamedTuple):
    """The result of a run of a handler whose job waits until an instant."""

    until: datetime


Handler = Callable[[UnitOfWork, Resources, Job], Awaitable[Outcome | Postponed]]
"""Does a job. Its writes through the unit of work are committed once, together with the end of the job.

A handler may run more than once: after a failure, and after its worker was killed. Its effects elsewhere must permit
that; the job's key is the same each time. If the subject of the job no longer exists, the job is done.
"""

Handlers = Mapping[str, Handler]
