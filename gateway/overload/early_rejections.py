"""Sheds requests before they are read, if equal bytes were read before."""

from typing import NamedTuple

from gateway.errors.request_error import RequestError
from gateway.overload.admission import Admission
from gateway.overload.priorities import Priority
from gateway.statistics import OperationStatistics

MAX_BODIES = 500
MAX_BODY_BYTES = 16 * 1024


class KnownBody(NamedTuple):
    """The priority and the operation of a request by POST with some body, and what counts it."""

    priority: Priority
    operation: str
    statistics: OperationStatistics


class EarlyRejections:
    """Remembers bodies of requests that no stored response answers.

    Most of the work of a request that is shed would be to read it. Many users of an app send equal bodies.
    """

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._known: dict[bytes, KnownBody] = {}

    @property
    def is_needed(self) -> bool:
        """Returns whether an execution that arrives now does not begin at once."""
        return self._admission.is_full

    def __contains__(self, body: bytes) -> bool:
        return body in self._known

    def remember(self, body: bytes, known: KnownBody) -> None:
        """Remembers a body, unless it is large. Forgets all if there are too many."""
        if len(body) <= MAX_BODY_BYTES:
            if len(self._known) >= MAX_BODIES:
                self._known.clear()
            self._known[body] = known

    def find(self, body: bytes) -> KnownBody | None:
        """Returns what is known about a body. A request with it is executed, or shed."""
        return self._known.get(body)

    def rejection(self, known: KnownBody, *, is_prefetch: bool) -> RequestError | None:
        """Returns the error of a request that is shed. None if it has to be read."""
        is_lowest = is_prefetch and known.priority >= Priority.READ
        return self._admission.rejection(Priority.PREFETCH if is_lowest else known.priority)
