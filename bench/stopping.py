"""Runs a benchmark so that it cleans up on SIGTERM."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from bench.world import BenchError, say


def run(work: Coroutine[Any, Any, int]) -> int:
    """Returns the exit status. On SIGTERM the work is cancelled, so it stops what it has started."""
    try:
        return asyncio.run(_stoppable(work))
    except* BenchError as errors:
        say(f"bench: {_first(errors)}")
    except* asyncio.CancelledError:
        say("bench: stopped")
    return 1


def _first(errors: BaseExceptionGroup[BenchError]) -> BenchError:
    error = errors.exceptions[0]
    return error if isinstance(error, BenchError) else _first(error)


async def _stoppable(work: Coroutine[Any, Any, int]) -> int:
    running = asyncio.current_task()
    assert running is not None  # noqa: S101 - for the type checker
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await work
