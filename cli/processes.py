"""The processes of `bff serve --workers N`: started again when they end, with the reason in the log."""

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
    """Replaces each process that has ended, or that has not answered for `timeout_worker_healthcheck` seconds.

    Uvicorn waits for each answer. Here the parent only looks whether an answer has come, so that it can act at once on
    a process that has ended, and on a signal, while another process still starts.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config, [listener])
        self._heard_at = WeakKeyDictionary[Process, float]()
        self._asked = WeakSet[Process]()
        self._failed = False

    def run(self) -> None:
        """Until a signal ends it; `SettingsError` when a process cannot start."""
        super().run()
        if self._failed:
            raise SettingsError("a process could not start; the log says why")

    def keep_subprocess_alive(self) -> None:
        for index, process in enumerate(self.processes):
            reason = self._fault(process)
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
            logger.info("process %s takes its place", replacement.pid)

    def _fault(self, process: Process) -> str | None:
        """Why this process has to be replaced, if it has to."""
        if process.exitcode is not None:
            return _ending(process.exitcode)
        silent = time.monotonic() - self._last_heard(process)
        if silent <= self.config.timeout_worker_healthcheck:
            return None
        return f"has not answered for {silent:.0f} s (BFF_CHILD_SECONDS) and is killed"

    def _last_heard(self, process: Process) -> float:
        """When this process answered last, or was seen first; it is asked again."""
        now = time.monotonic()
        with suppress(OSError, EOFError):  # the process ends at this moment, which its exit code will say
            while process.parent_conn.poll(0):
                process.parent_conn.recv()
                self._heard_at[process] = now
                self._asked.discard(process)
            if process not in self._asked:
                process.parent_conn.send(b"ping")
                self._asked.add(process)
        return self._heard_at.setdefault(process, now)


def _ending(exitcode: int) -> str:
    if exitcode == STARTUP_FAILURE:
        return "could not start; its own lines in the log say why"
    if exitcode < 0:
        name = signal.Signals(-exitcode).name
        hint = "; the system may have run out of memory" if -exitcode == signal.SIGKILL else ""
        return f"was ended by {name}{hint}"
    return f"ended by itself with status {exitcode}"
