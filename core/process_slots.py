"""The slots of the server processes of one parent, with a Unix socket for each.

On Linux the sockets have abstract names: they need no file, so a file system may be read-only, and a killed parent
leaves nothing behind. Other systems have them in a private folder.
"""

import logging
import secrets
import shutil
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

logger = logging.getLogger(__name__)

_BACKLOG = 16
_NAME_BYTES = 16


class ProcessSlot(NamedTuple):
    """The slot of a process: its number, from 0, and its listening socket. Others have the same prefix.

    `listener` is None if the system permits no such socket; then the process cannot be asked.
    """

    number: int
    prefix: str
    listener: socket.socket | None

    def address(self, number: int) -> str:
        """Returns the address of a slot."""
        return f"{self.prefix}{number}"


class ProcessSlots:
    """Opens the sockets of slots. `close` removes them all."""

    def __init__(self, *, abstract: bool = sys.platform == "linux") -> None:
        self._folder = None if abstract else _private_folder()
        name = f"\0bff-{secrets.token_hex(_NAME_BYTES)}-"
        self._prefix = name if self._folder is None else f"{self._folder}/"
        self._listeners: list[socket.socket | None] = []

    def get(self, number: int) -> ProcessSlot:
        """Returns a slot, and opens it at the first call. Slots are opened in the order of their numbers."""
        if number == len(self._listeners):
            self._listeners.append(self._listen(number))
        return ProcessSlot(number, self._prefix, self._listeners[number])

    def drop_last(self) -> None:
        """Closes the slot with the largest number."""
        number = len(self._listeners) - 1
        _close(self._listeners.pop())
        if self._folder is not None:
            (self._folder / str(number)).unlink(missing_ok=True)

    def close(self) -> None:
        """Closes all slots."""
        while self._listeners:
            _close(self._listeners.pop())
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self, number: int) -> socket.socket | None:
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(f"{self._prefix}{number}")
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            logger.warning("each process serves only its own metrics: no socket (%s)", type(error).__name__)
            return None
        return listener


def is_abstract(address: str | bytes) -> bool:
    """Returns whether a socket has an abstract name, which the rights of files do not protect."""
    return address[:1] in {"\0", b"\0"}


def _private_folder() -> Path:
    """Returns a new folder that only this user may open. Raises `OSError` if there is no place for it."""
    return Path(tempfile.mkdtemp(prefix="bff-"))


def _close(listener: socket.socket | None) -> None:
    if listener is not None:
        with suppress(OSError):
            listener.close()
