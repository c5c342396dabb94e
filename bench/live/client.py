"""Opens WebSockets and counts the frames that arrive. `bench.live.clients` starts it as a process of its own.

Each line of standard input is a command in JSON, and each line of standard output the answer to one:

- `{"open": {"port": 8000, "tokens": ["…"], "subscribe": {"query": "…"}}}` opens a socket for each token, and answers
  when all have subscribed. Without `subscribe`, they are only acknowledged.
- `{"expect": 1000, "seconds": 60}` answers at once that it counts from zero, and again when so many frames of
  subscriptions have arrived, or when the seconds are over.
"""

import json
import resource
import select
import sys
import time
from typing import Any

from bench.live.sockets import ClientError, ClientSocket, State

_OPENING = 64
"""The sockets that are being opened at the same time."""

_OPEN_SECONDS = 60.0


class FrameCounter:
    """The frames since the last command, and when the last of them arrived."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.frames = 0
        self.last_at = 0.0
        self.sample = b""

    def add(self, frames: int, sample: bytes) -> None:
        self.frames += frames
        self.last_at = time.monotonic()
        self.sample = self.sample or sample


class Client:
    """All sockets of the process."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._sockets: dict[int, ClientSocket] = {}
        self._counter = FrameCounter()

    def open(self, port: int, tokens: list[str], subscribe: Any) -> dict[str, Any]:
        waiting = list(enumerate(tokens))[::-1]
        opening: set[ClientSocket] = set()
        until = time.monotonic() + _OPEN_SECONDS
        while waiting or opening:
            while waiting and len(opening) < _OPENING:
                opened = ClientSocket(waiting[-1][0], port, waiting.pop()[1], subscribe, self._counter.add)
                self._sockets[opened.fileno()] = opened
                self._epoll.register(opened.fileno(), select.EPOLLIN)
                opening.add(opened)
            self._poll(1.0)
            opening = {each for each in opening if each.state is not State.READY}
            if time.monotonic() > until:
                raise ClientError(f"{len(opening)} sockets were not acknowledged in time")
        return {"open": len(self._sockets)}

    def expect(self, frames: int, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while self._counter.frames < frames and time.monotonic() < until:
            self._poll(0.1)
        counter = self._counter
        return {"frames": counter.frames, "at": counter.last_at, "sample": counter.sample.decode()}

    def run(self) -> None:
        """Executes commands until the end of the input. Sockets are served meanwhile."""
        self._epoll.register(sys.stdin.fileno(), select.EPOLLIN)
        while True:
            if self._poll(60.0):
                line = sys.stdin.buffer.readline()
                if not line:
                    return
                self._execute(json.loads(line))

    def _execute(self, command: dict[str, Any]) -> None:
        if "open" in command:
            _answer(self.open(**command["open"]))
        else:
            self._counter.reset()
            _answer({})
            _answer(self.expect(command["expect"], command["seconds"]))

    def _poll(self, seconds: float) -> bool:
        """Reads from sockets. Returns whether there is a command."""
        has_command = False
        for number, _ in self._epoll.poll(seconds):
            opened = self._sockets.get(number)
            if opened is None:
                has_command = True
            else:
                opened.read()
        return has_command


def _answer(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        Client().run()
    except (ClientError, OSError) as error:
        _answer({"error": str(error)})
        sys.exit(1)


if __name__ == "__main__":
    main()
