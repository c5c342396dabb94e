"""Samples the stack of this process by CPU time."""

import gc
import signal
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Any

from bench.world import PROJECT

_EVERY_SECONDS = 0.001
_INSTALLED = "site-packages/"
_PROJECT = f"{PROJECT}/"


@dataclass(slots=True)
class Collections:
    """Counts the runs of the garbage collector and their seconds."""

    number: int = 0
    seconds: float = 0


Place = tuple[str, str]
"""The package or file of a function, and the function."""

_LOOP: Place = ("uvloop", "run")


@contextmanager
def sampled() -> Generator[Counter[Place]]:
    """Counts the innermost function of the product or of a package for each tick of CPU time.

    The standard library and C code count for their caller.
    """
    found: Counter[Place] = Counter()

    def take(_signal: int, frame: FrameType | None) -> None:
        found[_innermost(frame)] += 1

    before = signal.signal(signal.SIGPROF, take)
    signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _innermost(frame: FrameType | None) -> Place:
    while frame is not None:
        owner = _owner(frame.f_code.co_filename)
        if owner is not None:
            return owner, frame.f_code.co_qualname
        frame = frame.f_back
    return _LOOP


@cache
def _owner(file: str) -> str | None:
    if _INSTALLED in file:
        return file.rpartition(_INSTALLED)[2].partition("/")[0]
    return file.removeprefix(_PROJECT) if file.startswith(_PROJECT) else None


@contextmanager
def collecting(found: Collections) -> Generator[None]:
    """Adds the runs of the garbage collector in the block."""
    started = 0.0

    def note(phase: str, _info: Mapping[str, Any]) -> None:
        nonlocal started
        if phase == "start":
            started = time.process_time()
        else:
            found.number += 1
            found.seconds += time.process_time() - started

    gc.callbacks.append(note)
    try:
        yield
    finally:
        gc.callbacks.remove(note)


@contextmanager
def not_collecting() -> Generator[None]:
    """Disables the garbage collector in the block, and collects at the end, outside the measurement."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.enable()
