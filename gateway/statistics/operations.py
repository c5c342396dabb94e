"""Counts operations. Metrics with names of operations take them from here, and from nowhere else."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from core.durations import Durations
from core.errors import ErrorCode, ProblemCode
from core.operation_counts import OperationCounts

BOUNDS = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
"""Upper bounds of the buckets of durations, in seconds."""

MAX_REGISTERED_NAMES, MAX_SENT_NAMES = 1000, 200
"""The maximum of names, if only registered documents have one, and if clients choose them."""

MAX_NAME = 100
"""The maximum of characters of a name."""

OTHERS, UNNAMED, UNKNOWN = "(others)", "(unnamed)", "(unknown)"
"""Labels that no operation of GraphQL can have as its name."""

SERVER_ERRORS = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED, ErrorCode.INTERNAL_SERVER_ERROR})
_CODES = frozenset(code.value for code in (*ErrorCode, *ProblemCode))


class NamedDocument(Protocol):
    """A document that may be registered."""

    @property
    def is_registered(self) -> bool: ...


class NamedOperation(Protocol):
    """An operation of a document."""

    @property
    def name(self) -> str: ...
    @property
    def document(self) -> NamedDocument: ...


class OperationStatistics:
    """Adds up what all requests with one operation did, over all transports.

    `ok`, `client_errors`, `server_errors` and `cancelled` are numbers of requests; a request with a server error is not
    counted as one with an error of the client, and one that its client has cancelled has no duration. Costs, statements
    and batches are those of executions, and `largest_cost` also that of rejected requests.
    """

    __slots__ = (
        "actual_cost",
        "batches",
        "cache_results",
        "cancelled",
        "client_errors",
        "durations",
        "errors",
        "executions",
        "label",
        "largest_cost",
        "ok",
        "problems",
        "requested_cost",
        "server_errors",
        "slow",
        "statements",
        "subscriptions",
    )

    def __init__(self, label: str) -> None:
        self.label = label
        self.durations = Durations(BOUNDS)
        self.errors = Counter[str]()
        self.cache_results = Counter[str]()
        self.problems = Counter[str]()
        self.ok = self.client_errors = self.server_errors = self.cancelled = self.subscriptions = 0
        self.executions = self.statements = self.batches = self.slow = 0
        self.requested_cost = self.actual_cost = 0
        self.largest_cost: int | None = None

    def count(self, seconds: float, codes: Sequence[str] | None) -> None:
        """Counts a query or mutation, with its duration and the codes of its errors."""
        self.durations.add(seconds)
        if codes:
            self.count_errors(codes)
        else:
            self.ok += 1

    def count_errors(self, codes: Sequence[str]) -> None:
        """Counts a request with errors. Codes that resolvers of adopters invent count as others."""
        self.errors.update({code if code in _CODES else OTHERS for code in codes})
        if SERVER_ERRORS.isdisjoint(codes):
            self.client_errors += 1
        else:
            self.server_errors += 1

    def count_execution(self, counts: OperationCounts) -> None:
        """Counts an execution, with what it did until its first result."""
        self.executions += 1
        self.statements += counts.statements
        self.batches += counts.batches
        if counts.problems is not None:
            self.problems.update(code if code in _CODES else OTHERS for code in counts.problems)

    def count_cost(self, requested: int, actual: int) -> None:
        """Counts the costs of an execution, or of an event of a subscription."""
        self.requested_cost += requested
        self.actual_cost += actual

    def note_cost(self, requested: int) -> None:
        """Notes what an operation may cost, before it is executed or rejected."""
        if self.largest_cost is None or requested > self.largest_cost:
            self.largest_cost = requested


class StatisticsByOperation:
    """Finds the statistics of operations by name. The set of names is bounded.

    Clients choose the names of documents that are not registered. With `registered_only`, these are counted together
    as `(others)`; otherwise, the first `MAX_SENT_NAMES` names have statistics of their own.
    """

    def __init__(self, *, registered_only: bool) -> None:
        self.cost_rejections = 0
        """The number of requests that were rejected because of their cost."""
        self.unknown = OperationStatistics(UNKNOWN)
        """The statistics of requests whose operation is not known, because the document is invalid or missing."""
        self._others = OperationStatistics(OTHERS)
        self._known = {OTHERS: self._others}
        self._registered_only = registered_only
        self._max_names = MAX_REGISTERED_NAMES if registered_only else MAX_SENT_NAMES

    def of(self, operation: NamedOperation) -> OperationStatistics:
        """Returns the statistics of an operation."""
        name = OTHERS if self._registered_only and not operation.document.is_registered else operation.name
        known = self._known.get(name)
        return self._add(name) if known is None else known

    def all(self) -> list[OperationStatistics]:
        """Returns all statistics in the order of their labels."""
        return sorted((self.unknown, *self._known.values()), key=_label)

    def _add(self, name: str) -> OperationStatistics:
        if len(self._known) > self._max_names or len(name) > MAX_NAME:
            return self._others
        known = self._known[name] = OperationStatistics(name or UNNAMED)
        return known


def _label(statistics: OperationStatistics) -> str:
    return statistics.label
