"""What the log says of a request beside its method, path and status. Nothing in it is personal."""

import logging
from contextvars import ContextVar

from core.client import UNKNOWN, Client
from core.errors import AppError, ErrorCode
from core.tracebacks import error_summary

_MAX_NAME = 200
_MAX_CAUSES = 3
_MAX_CAUSE = 200
_SERVER_FAULTS = frozenset({ErrorCode.UNAVAILABLE, ErrorCode.OVERLOADED, ErrorCode.INTERNAL_SERVER_ERROR})


class RequestFacts:
    """The client and the operation of one request, and the codes and causes of its errors, each once."""

    __slots__ = ("causes", "client", "errors", "operation")

    def __init__(self, client: Client = UNKNOWN, operation: str | None = None) -> None:
        self.client = client
        self.operation = operation
        self.errors: list[str] | None = None
        self.causes: list[str] | None = None

    def note_error(self, code: str, error: AppError | None) -> None:
        """Keeps the code, and what an expected error follows from: nothing else logs that."""
        self.errors = _with(self.errors, code, len(ErrorCode))
        if error is not None and error.__cause__ is not None:
            self.causes = _with(self.causes, error_summary(error.__cause__)[:_MAX_CAUSE], _MAX_CAUSES)

    def write(self, logger: logging.Logger, message: str, more: dict[str, object]) -> None:
        """Logs one line: a warning where the server is at fault, else an information. It has `more`, too."""
        level = logging.INFO
        if self.errors is not None:
            more["errors"], more["causes"] = self.errors, self.causes
            level = logging.INFO if _SERVER_FAULTS.isdisjoint(self.errors) else logging.WARNING
        if logger.isEnabledFor(level):
            app, version, _ = self.client
            more["operation"] = self.operation and self.operation[:_MAX_NAME]
            more["app"], more["version"] = app, version
            logger.log(level, message, extra=more)


def _with(kept: list[str] | None, text: str, most: int) -> list[str]:
    if kept is None:
        return [text]
    if text not in kept and len(kept) < most:
        kept.append(text)
    return kept


request_facts: ContextVar[RequestFacts | None] = ContextVar("request_facts", default=None)
"""Those of the request that this task works for."""


def note_client(client: Client) -> RequestFacts:
    facts = request_facts.get()
    if facts is None:
        facts = RequestFacts()
        request_facts.set(facts)
    facts.client = client
    return facts


def note_operation(client: Client, operation: str | None) -> RequestFacts:
    """Notes the client and the operation of the request that this task works for.

    A name that GraphQL does not allow is dropped: no document can have it, and a client may send anything as one.
    """
    facts = note_client(client)
    facts.operation = operation if operation and operation.isidentifier() and operation.isascii() else None
    return facts
