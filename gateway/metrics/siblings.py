"""Asks the other server processes of a machine for their metrics.

Each process has a slot, and the parent opens a Unix socket for each slot before it starts the first process. A process
that replaces another one inherits the slot and its socket. A process answers each connection with its families.
"""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import msgspec

from core.process_slots import ProcessSlot, is_abstract
from gateway.metrics.exposition import WrittenFamilies

logger = logging.getLogger(__name__)

DEADLINE_SECONDS = 0.5
"""The time in which a process has to answer. All are asked at the same time."""

MAX_BYTES = 16 * 1024 * 1024
"""The maximum size of an answer."""

_CHUNK = 65_536
_CREDENTIALS = struct.Struct("3i")
_NO_SUCH_SLOT = (ConnectionRefusedError, FileNotFoundError)
_FAMILIES = msgspec.json.Decoder(WrittenFamilies)

Write = Callable[[], Awaitable[WrittenFamilies]]


class SiblingPages(NamedTuple):
    """The families of the processes that answered, and the number of those that did not."""

    pages: list[WrittenFamilies]
    missing: int


@asynccontextmanager
async def answering(slot: ProcessSlot, write: Write) -> AsyncGenerator[None]:
    """Answers the other processes until the block ends."""
    if slot.listener is None:
        yield
        return

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                connection = writer.get_extra_info("socket")
                if _is_of_this_user(connection, connection.getsockname()):
                    writer.write(msgspec.json.encode(await write()))
                    await writer.drain()
        except (OSError, TimeoutError) as error:
            logger.debug("a process did not take its answer: %s", type(error).__name__)
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, sock=slot.listener.dup())
    try:
        yield
    finally:
        server.close()


async def ask_siblings(slot: ProcessSlot) -> SiblingPages:
    """Returns the metrics of the other processes, in the order of their slots."""
    others = _connect_all(slot)
    answers = await asyncio.gather(*map(_read, others), return_exceptions=True)
    pages = [answer for answer in answers if isinstance(answer, dict)]
    return SiblingPages(pages, len(answers) - len(pages))


def _connect_all(slot: ProcessSlot) -> list[socket.socket | None]:
    """Connects to the other slots, without waiting.

    None stands for a process that accepts no connection, or that is that of another user. The slots have successive
    numbers, and the parent may have opened more since this process began.
    """
    connections: list[socket.socket | None] = []
    number = -1
    while True:
        number += 1
        if number == slot.number:
            continue
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        address = slot.address(number)
        try:
            connection.connect(address)
            if not _is_of_this_user(connection, address):
                raise PermissionError
        except _NO_SUCH_SLOT:
            connection.close()
            return connections
        except OSError:  # too many connections wait for the process, or it is that of another user
            connection.close()
            connections.append(None)
        else:
            connections.append(connection)


async def _read(connection: socket.socket | None) -> WrittenFamilies:
    """Returns the answer of a process. Raises `OSError`, `TimeoutError` or `msgspec.DecodeError` without one."""
    if connection is None:
        raise ConnectionError
    loop, answer = asyncio.get_running_loop(), bytearray()
    with connection:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while chunk := await loop.sock_recv(connection, _CHUNK):
                answer += chunk
                if len(answer) > MAX_BYTES:
                    raise ConnectionError
    return _FAMILIES.decode(answer)


def _is_of_this_user(connection: socket.socket, address: str | bytes) -> bool:
    """Returns whether the process at the other end has the user of this one. A folder protects other sockets."""
    if not is_abstract(address):
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(credentials)
    return user == os.geteuid()
