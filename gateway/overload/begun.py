"""Notes when an execution gets a place, for requests that may wait for its response."""

from collections.abc import Callable
from contextvars import ContextVar

on_begun: ContextVar[Callable[[], None] | None] = ContextVar("on_begun", default=None)
"""Is called when the execution of the current task begins, if the number of executions is limited."""


def note_begun() -> None:
    """Notes that the execution of the current task begins."""
    if (note := on_begun.get()) is not None:
        note()
