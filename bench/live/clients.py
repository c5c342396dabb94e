"""Starts the client process and sends it commands."""

import json
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from bench.processes import LOAD_CPU, pinned
from bench.world import PROJECT, BenchError


class Arrived(NamedTuple):
    """Frames that have arrived, when the last one did by `time.monotonic`, and the text of one of them."""

    frames: int
    at: float
    sample: str


class Clients:
    """WebSockets in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def open(self, port: int, tokens: Sequence[str], subscribe: Any = None) -> None:
        """Opens a socket for each token. Returns when they have sent `subscribe`."""
        self._send({"open": {"port": port, "tokens": list(tokens), "subscribe": subscribe}})
        self._answer()

    def expect(self, frames: int, seconds: float = 120.0) -> None:
        """Begins to count frames from zero."""
        self._send({"expect": frames, "seconds": seconds})
        self._answer()
        self._expected = frames

    def arrived(self) -> Arrived:
        """Waits for the expected frames. Raises `BenchError` if they do not arrive in time, or more arrive."""
        answer = self._answer()
        if answer["frames"] != self._expected:
            raise BenchError(f"{answer['frames']} of {self._expected} frames have arrived")
        return Arrived(**answer)

    def _send(self, command: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _answer(self) -> Any:
        assert self._process.stdout is not None  # noqa: S101 - as above
        answer = json.loads(self._process.stdout.readline() or '{"error": "the client has ended"}')
        if "error" in answer:
            raise BenchError(f"client: {answer['error']}")
        return answer


@contextmanager
def clients() -> Generator[Clients]:
    """Yields a client process on the CPU of the load. Its sockets close at the end."""
    command = pinned({LOAD_CPU}, [sys.executable, "-m", "bench.live.client"])
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Clients(process)
    finally:
        process.kill()
        process.wait()
