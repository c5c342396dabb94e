"""The processes of `bff serve --workers N`: replaced when they exit, with the reason in the log."""

import logging
import signal
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from copy import copy
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from cli.leaving import LeavingServer
from core.errors import SettingsError
from core.process_slots import ProcessSlots

logger = logging.getLogger(__name__)


class LeavingProcess(Process):
    """A process with a server that leaves its load balancers before it stops."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], leave_seconds: float) -> None:
        super().__init__(config, sockets)
        self._leave_seconds = leave_seconds

    @property
    def server(self) -> uvicorn.Server:
        """Returns the server; only its process calls this."""
        if self._server is None:
            self._server = LeavingServer(self.config, self._leave_seconds)
        return self._server


class Processes(Multiprocess):
    """Replaces each process that has exited, or that has not answered for `timeout_worker_healthcheck` seconds.

    Uvicorn's parent waits for each answer. This parent only polls for answers, so it reacts at once to an exited
    process and to signals, also while another process is starting. Each process has a slot, which the process that
    replaces it inherits. It calls the application's factory with the slot.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, factory: Callable[..., Any], leave_seconds: float = 0
    ) -> None:
        super().__init__(config, [listener])
        self._leave_seconds = leave_seconds
        self._factory = factory
        self._slots = ProcessSlots()
        self._answered_at = WeakKeyDictionary[Process, float]()
        self._pinged = WeakSet[Process]()
        self._failed = False

    def run(self) -> None:
        """Runs until a signal ends it. Raises `SettingsError` if a process cannot start."""
        with closing(self._slots):
            super().run()
        if self._failed:
            raise SettingsError("a process could not start; see its errors in the log")

    def init_processes(self) -> None:
        for number in range(self.processes_num):
            self.processes.append(self._start(number))

    def restart_all(self) -> None:
        """Replaces each process, after its replacement has started. Stops at one that does not start in time."""
        for number, old in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            new = self._start(number)
            if not new.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                new.kill()
                new.join()
                logger.error("process %s did not start in time, so process %s stays", new.pid, old.pid)
                return
            old.terminate()
            old.join()
            self.processes[number] = new

    def handle_ttin(self) -> None:
        """Adds a process."""
        self.processes.append(self._start(len(self.processes)))

    def handle_ttou(self) -> None:
        """Removes a process, unless it is the only one."""
        if len(self.processes) > 1:
            super().handle_ttou()
            self._slots.drop_last()

    def _start(self, number: int) -> Process:
        config = copy(self.config)
        config.app = partial(self._factory, slot=self._slots.get(number))
        process = LeavingProcess(config, self.sockets, self._leave_seconds)
        process.start()
        return process

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
            replacement = self.processes[index] = self._start(index)
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
