"""Detects that the reader of a command's output has ended, as in `bff explain Home | head`."""

import os
import select
import signal
import sys

CLOSED_STATUS = 128 + signal.SIGPIPE
"""The exit status of a command whose output is not read to its end: that of a process which SIGPIPE has ended."""


def is_output_closed(error: BaseException) -> bool:
    """Returns whether an error says that the reader of stdout has ended. Connections raise `BrokenPipeError`, too."""
    if not isinstance(error, BrokenPipeError):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def discard_output() -> None:
    """Discards what stdout still buffers. The interpreter would report it as an error when it ends."""
    discarded = os.open(os.devnull, os.O_WRONLY)
    os.dup2(discarded, sys.stdout.fileno())
    os.close(discarded)
