"""The deadline of a request."""

import time
from contextvars import ContextVar, Token

_TIMER_SECONDS = 0.001
"""The precision of the event loop's timers, which may end a statement so much before the deadline."""

request_ends_at: ContextVar[float | None] = ContextVar("request_ends_at", default=None)
"""The instant of `time.monotonic` at which the current request ends. None outside of requests."""


class _Deadline:
    """Sets the deadline within a `with` block, also for tasks that it starts."""

    __slots__ = ("_ends_at", "_token")

    def __init__(self, ends_at: float | None) -> None:
        self._ends_at = ends_at

    def __enter__(self) -> None:
        self._token: Token[float | None] = request_ends_at.set(self._ends_at)

    def __exit__(self, *_error: object) -> None:
        request_ends_at.reset(self._token)


def ending_within(seconds: float) -> _Deadline:
    """Ends the request after `seconds`, unless it ends earlier anyway. Applies within a `with` block."""
    ends_at, earlier = time.monotonic() + seconds, request_ends_at.get()
    return _Deadline(ends_at if earlier is None or ends_at < earlier else earlier)


def of_its_own(seconds: float) -> _Deadline:
    """Gives work `seconds` of its own, whatever is left of the request that started it. Applies within a block."""
    return _Deadline(time.monotonic() + seconds)


def without_deadline() -> _Deadline:
    """Removes the deadline of the request. Applies within a `with` block."""
    return _Deadline(None)


def shortened(seconds: float) -> float:
    """Returns `seconds`, or what is left of the request if that is less. It is negative after the request's end."""
    ends_at = request_ends_at.get()
    return seconds if ends_at is None else min(seconds, ends_at - time.monotonic())


def has_passed() -> bool:
    """Returns whether the current request has reached its deadline, as precisely as timers are."""
    ends_at = request_ends_at.get()
    return ends_at is not None and ends_at - time.monotonic() < _TIMER_SECONDS
