"""The moment of a failure, and the drills that have one."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tests.drills.support.stage import Stage


class Failure:
    """Notes when a failure begins."""

    def __init__(self) -> None:
        self.moment = float("nan")

    def begin(self) -> None:
        self.moment = time.time()


class Drill(NamedTuple):
    """A failure in a block: it is there when the block begins, and repaired when it has ended."""

    name: str
    title: str
    breaks: "Callable[[Stage, Failure], AbstractAsyncContextManager[None]]"
