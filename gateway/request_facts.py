"""Facts of a request for its log line: client, operation and errors. They contain no personal data."""

import logging
from contextvars import ContextVar
from typing import Protocol

from core.client import UNKNOWN, Client
from core.errors import AppError, ErrorCode, Unavailable
from core.telemetry import log_fields
from core.tracebacks import error_summary
from gateway.statistics import OperationStatistics
from gateway.statistics.operations import SERVER_ERRORS

_MAX_NAME = 200
_MAX_CAUSES = 3
_MAX_CAUSE = 200
_WARNED = SERVER_ERRORS - {ErrorCode.OVERLOADED}
"""Codes after which the line is a warning. One line tells of many requests that are shed, so that the log has room."""


class MoreHeaders(Protocol):
    """The headers of a response that say what the caller has left."""

    @property
    def constant(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that are the same for many responses."""
        ...

    @property
    def limit(self) -> tuple[bytes, bytes]:
        """The header of this response."""
        ...


class RequestFacts:
    """The client and operation of a request, with the codes and causes of its errors, without duplicates.

    `rates` are headers of the response, if rates are limited. `statistics` are those that count the request at its end,
    if it is one operation that ends. `is_cancelled` says that its client has cancelled it, or left before its end.
    `is_warning` says that the level of its line is WARNING.
    """

    __slots__ = ("causes", "client", "errors", "is_cancelled", "is_warning", "operation", "rates", "statistics")

    def __init__(self, client: Client = UNKNOWN, operation: str | None = None) -> None:
        self.client = client
        self.operation = operation
        self.errors: list[str] | None = None
        self.is_cancelled = self.is_warning = False
        self.causes: list[str] | None = None
        self.rates: MoreHeaders | None = None
        self.statistics: OperationStatistics | None = None

    def note_error(self, code: str, error: AppError | None) -> None:
        """Adds the code, and the cause of an expected error, which is not logged elsewhere."""
        self.is_warning = self.is_warning or (code in _WARNED and not _is_breaker_open(error))
        self.errors = _with(self.errors, code, len(ErrorCode))
        if error is not None and error.__cause__ is not None:
            self.causes = _with(self.causes, error_summary(error.__cause__)[:_MAX_CAUSE], _MAX_CAUSES)

    def count(self, seconds: float) -> None:
        """Counts the request, which took so many seconds."""
        if self.statistics is None:
            return
        if self.is_cancelled and not self.errors:
            self.statistics.cancelled += 1
        else:
            self.statistics.count(seconds, self.errors)

    def count_subscription(self) -> None:
        """Counts a subscription that has begun. Its duration says nothing."""
        if self.statistics is not None:
            self.statistics.subscriptions += 1
            self.statistics = None

    def write(self, logger: logging.Logger, message: str, more: dict[str, object]) -> None:
        """Logs one line with these and the `more` facts.

        It is a warning after a server error, except after overload and if a breaker is open, which have lines of their
        own.
        """
        if self.errors is not None:
            more["errors"], more["causes"] = self.errors, self.causes
        more["operation"] = self.operation and self.operation[:_MAX_NAME]
        more["app"], more["version"], _ = self.client
        log_fields(logger, logging.WARNING if self.is_warning else logging.INFO, message, more)


def _is_breaker_open(error: AppError | None) -> bool:
    return isinstance(error, Unavailable) and error.is_breaker_open


def _with(values: list[str] | None, text: str, max_values: int) -> list[str]:
    if values is None:
        return [text]
    if text not in values and len(values) < max_values:
        values.append(text)
    return values


request_facts: ContextVar[RequestFacts | None] = ContextVar("request_facts", default=None)
"""The facts of the request of the current task."""


def note_client(client: Client) -> RequestFacts:
    facts = request_facts.get()
    if facts is None:
        facts = RequestFacts()
        request_facts.set(facts)
    facts.client = client
    return facts


def note_known_operation(client: Client, operation: str | None, statistics: OperationStatistics) -> None:
    """Sets the client and the operation of the current request, which has the name that its document has."""
    facts = note_client(client)
    facts.operation, facts.statistics = operation, statistics


def note_operation(client: Client, operation: str | None) -> RequestFacts:
    """Sets the client and the operation of the current request.

    Drops an operation name that GraphQL does not allow: no document has it, and clients may send any text.
    """
    facts = note_client(client)
    facts.operation = operation if operation and operation.isidentifier() and operation.isascii() else None
    return facts
