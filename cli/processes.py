"""The processes of `bff serve --workers N`: replaced when they exit, with the reason in the log."""

import logging
import signal
import socket
import time
from contextlib import suppress
from weakref import WeakKeyDictionary, WeakSet

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from core.errors import SettingsError

logger = logging.getLogger(__name__)


class Processes(Multiprocess):
    """Replaces each process that has exited, or that has not answered for `timeout_worker_healthcheck` seconds.

    Uvicorn's parent waits for each answer. This parent only polls for answers, so it reacts at once to an exited
    process and to signals, also while another process is starting.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config, [listener])
        self._answered_at = WeakKeyDictionary[Process, float]()
        self._pinged = WeakSet[Process]()
        self._failed = False

    def run(self) -> None:
        """Runs until a signal ends it. Raises `SettingsError` if a process cannot start."""
        super().run()
        if self._failed:
            raise SettingsError("a process could not start; see its errors in the log")

    def keep_subprocess_alive(self) -> None:
        for index, process in enumerate(self.processes):
            reason = self._failure(process)
            if reason is None:
                continue
            process.kill()
            process.join()
            logger.error("process %s %s", process.pid, reason)
            if process.exitcode == STARTUP_FAILURE:
                self._failed = True
                self.should_exit.set()
                return
            replacement = self.processes[index] = Process(self.config, self.sockets)
            replacement.start()
            logger.info("process %s replaces it", replacement.pid)

    def _failure(self, process: Process) -> str | None:
        """Returns the reason why this process has to be replaced, or None."""
        if process.exitcode is not None:
            return _describe_exit(process.exitcode)
        silent = time.monotonic() - self._last_answer(process)
        if silent <= self.config.timeout_worker_healthcheck:
            return None
        return f"has not answered for {silent:.0f} s (BFF_CHILD_SECONDS) and is killed"

    def _last_answer(self, process: Process) -> float:
        """Returns the time of the last answer of this process, or of the first call. Pings the process again."""
        now = time.monotonic()
        with suppress(OSError, EOFError):  # the process is exiting; the next round reads its exit code
            while process.parent_conn.poll(0):
                process.parent_conn.recv()
                self._answered_at[process] = now
                self._pinged.discard(process)
            if process not in self._pinged:
                process.parent_conn.send(b"ping")
                self._pinged.add(process)
        return self._answered_at.setdefault(process, now)


def _describe_exit(exitcode: int) -> str:
    if exitcode == STARTUP_FAILURE:
        return "could not start; see its errors in the log"
    if exitcode < 0:
        name = signal.Signals(-exitcode).name
        hint = "; the system may have run out of memory" if -exitcode == signal.SIGKILL else ""
        return f"was killed by {name}{hint}"
    return f"exited with status {exitcode}"
