"""Sends signals to processes together with all that they have started."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")


def tree_of(pid: int) -> list[int]:
    """Returns a process and its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for folder in _PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            # The name of the program, in parentheses, may contain spaces.
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Sends a signal to processes, as far as they still exist."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def until_gone(pids: Sequence[int]) -> None:
    """Waits until none of the processes exists, except as a zombie of another parent."""
    while any(_runs(pid) for pid in pids):  # noqa: ASYNC110 - other processes end
        await asyncio.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        return (_PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
