"""A Redis server of one run, and commands to it."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager

from bench.processes import LOAD_CPU, pinned, tool
from bench.world import BenchError

PACKAGE = "redis-server (Debian and Ubuntu: apt-get install redis-server)"

_START_SECONDS = 10.0
_OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning")


class RedisServer:
    """A running server. Each contender has a database of its own in it."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self._port = port

    def url(self, database: int) -> str:
        return f"redis://127.0.0.1:{self._port}/{database}"

    def empty(self, database: int) -> None:
        """Deletes everything in a database."""
        self._command(f"SELECT {database}", "FLUSHDB")

    def answers(self) -> bool:
        try:
            self._command("PING")
        except OSError:
            return False
        return True

    def _command(self, *commands: str) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        with connection, connection.makefile("rb") as answers:
            for command in commands:
                connection.sendall(f"{command}\r\n".encode())
                answer = answers.readline()
                if not answer.startswith(b"+"):
                    raise BenchError(f"Redis rejected {command}: {answer.decode().strip()}")


@contextmanager
def redis_server() -> Generator[RedisServer]:
    """Yields a server without persistence, on the CPU of the load."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = tool("redis-server", PACKAGE)
    with tempfile.TemporaryDirectory() as folder:
        command = pinned({LOAD_CPU}, [program, "--port", str(port), "--dir", folder, *_OPTIONS])
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            server = RedisServer(process.pid, port)
            _wait_until_ready(server, process)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(server: RedisServer, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > until:
            raise BenchError("redis-server did not start")
        time.sleep(0.05)


def version() -> str:
    """Returns the version of redis-server."""
    command = [tool("redis-server", PACKAGE), "--version"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return next((word.removeprefix("v=") for word in text.split() if word.startswith("v=")), "?")
