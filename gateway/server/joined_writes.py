"""Writes the head of a response together with its body."""

import asyncio


class JoinedWrites:
    """The transport of one response. Its first write, the head, waits for the next one, or for the next turn.

    uvicorn writes head and body by two system calls, and the first one wakes the client for nothing.
    """

    __slots__ = ("_head", "_transport", "_write")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._write = self._hold

    def write(self, data: bytes) -> None:
        self._write(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _hold(self, head: bytes) -> None:
        self._head, self._write = head, self._join
        asyncio.get_running_loop().call_soon(self._flush)

    def _join(self, data: bytes) -> None:
        head, self._head, self._write = self._head, None, self._transport.write
        self._transport.write(data if head is None else head + data)

    def _flush(self) -> None:
        head, self._head = self._head, None
        if head is not None:
            self._transport.write(head)
