"""Cancellation that a library has swallowed."""

import asyncio


def raise_if_cancelled() -> None:
    """Raises `CancelledError` when the current task was cancelled and the cancellation did not arrive.

    Before Python 3.12, `asyncio.wait_for` swallows a cancellation that comes in the same moment as the result; redis-py
    calls it for each command. A loop that goes on would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
