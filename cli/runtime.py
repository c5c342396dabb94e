"""What the long-lived processes have in common."""

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
    """Runs to its end on the event loop that uvicorn takes too."""
    loop_factory = uvloop.new_event_loop if sys.platform != "win32" else None
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main)


def rest_garbage_collection() -> None:
    """What lives as long as the process is looked through no more, and the rest less often than by default.

    A request leaves next to nothing that only the collector finds, but has it started over and over by what it makes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def share_interpreter() -> None:
    """Has a thread that reads documents give way to the event loop within a millisecond.

    The event loop waits so long each time that it goes on, which is some ten times for a request. The default is 5 ms.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
