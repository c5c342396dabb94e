"""Detects cancellations that a library has suppressed."""

import asyncio


def raise_if_cancelled() -> None:
    """Raises `CancelledError` when the current task was cancelled but no exception was raised in it.

    Before Python 3.12, `asyncio.wait_for` suppresses a cancellation that arrives together with the result, and redis-py
    calls it for each command. Without this check a loop would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
