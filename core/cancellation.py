"""Detects cancellations that a library has suppressed, and delays them until a step has ended."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from core.deadlines import without_deadline

T = TypeVar("T")


def raise_if_cancelled() -> None:
    """Raises `CancelledError` when the current task was cancelled but no exception was raised in it.

    Before Python 3.12, `asyncio.wait_for` suppresses a cancellation that arrives together with the result, and redis-py
    calls it for each command. Without this check a loop would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def finish(step: Coroutine[Any, Any, T]) -> T:
    """Returns the result of a step that is not interrupted: a cancellation of the caller waits for its end.

    The deadline of the request does not apply to it.
    """
    with without_deadline():
        task = asyncio.create_task(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
