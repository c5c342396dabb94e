"""Settings of the interpreter and the event loop of long-lived processes."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

if sys.platform != "win32":
    import uvloop

_COLLECT_AFTER = (200_000, 10, 10)
_SWITCH_SECONDS = 0.001


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine on the event loop that uvicorn uses too."""
    loop_factory = uvloop.new_event_loop if sys.platform != "win32" else None
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)


def tune_garbage_collection() -> None:
    """Excludes the existing objects from garbage collection, and makes collections rarer than by default.

    A request leaves almost no reference cycles, but the objects that it creates would start the collector many times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def shorten_switch_interval() -> None:
    """Makes threads that parse documents yield to the event loop within a millisecond. Python's default is 5 ms.

    The event loop waits for that time whenever it resumes, which is about ten times per request.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
