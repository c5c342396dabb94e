"""A pipelined connection to one Redis.

redis-py's client costs about 0.1 ms per call. This connection writes all commands of one turn of the event loop with
one system call, and has one timer for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, cast

import hiredis

from adapters.redis_connection.commands import Command, pack
from adapters.redis_connection.errors import StoreUnavailable
from adapters.redis_connection.outages import Outages

_GRACE_SECONDS = 0.005
"""The time for a busy event loop to receive a reply that has arrived already."""

_MAX_DEADLINES = 10
"""A server that sends continuously, such as a long pipeline of large values, has this many deadlines."""

_TOLERATED = ("WRONGTYPE", "MOVED", "ASK", "TRYAGAIN", "NOPERM", "NOSCRIPT")
"""Errors that concern one call. Any other error ends the connection."""

_FULL = "OOM"
"""A full server still has responses, but the one with the stream does not append to it any more."""


class StreamToFollow(Protocol):
    """Reads what follows in a stream, once for all reads of a turn."""

    last_id: bytes
    command: bytes
    """The command that reads what follows."""

    def receive(self, since: bytes, entries: Any) -> bool:
        """Takes entries that were read from an id, and returns whether there are more. Raises `StoreUnavailable`."""
        ...


class _Batch:
    """The commands of one turn, in the order of their replies: calls, reads, and one reading of the stream."""

    __slots__ = ("calls", "count", "packed", "reads", "refreshes", "replies", "sent_at", "since")

    def __init__(self) -> None:
        self.packed: list[bytes] = []
        self.calls: list[asyncio.Future[Any] | None] = []
        """The futures of calls, and None for each command whose reply nothing waits for."""
        self.reads: list[tuple[asyncio.Future[bytes | None], bytes]] = []
        self.refreshes: list[tuple[asyncio.Future[bytes | None], bytes | None]] = []
        """The futures that wait for the stream only, and their results."""
        self.replies: list[Any] = []
        self.since: bytes | None = None
        self.count = 0
        self.sent_at = 0.0

    def fail(self, error: StoreUnavailable, outages: Outages) -> None:
        futures = [*self.calls, *(future for future, _ in self.reads), *(future for future, _ in self.refreshes)]
        for future in futures:
            if future is not None and not future.done():
                _fail(future, error)
                outages.failures += 1


class PipelinedConnection(asyncio.Protocol):
    """Sends commands and receives their replies, until the first reply that is late or wrong."""

    def __init__(self, deadline: float, outages: Outages, follower: StreamToFollow | None = None) -> None:
        self.on_lost: Callable[[], None] = lambda: None
        self.on_moved: Callable[[], None] = lambda: None
        """Is called when another node of a cluster has a key."""
        self.lost = asyncio.get_running_loop().create_future()
        """The cause of the end."""
        self.is_in_use = False
        """Whether requests wait for calls, and not only the background."""
        self._loop = asyncio.get_running_loop()
        self._deadline = deadline
        self._outages = outages
        self._follower = follower
        self._tolerated = _TOLERATED if follower else (*_TOLERATED, _FULL)
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._next: _Batch | None = None
        self._sent = deque[_Batch]()
        self._received_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_suspect = False

    def call(self, command: Command) -> asyncio.Future[Any]:
        """Returns the reply, which may be one of the errors that concern one call."""
        return self.call_packed(pack(command))

    def call_packed(self, packed: bytes) -> asyncio.Future[Any]:
        """Returns the reply to the bytes of a command, as `call` does."""
        future: asyncio.Future[Any] = self._loop.create_future()
        batch = self._next or self._batch()
        batch.packed.append(packed)
        batch.calls.append(future)
        return future

    def send(self, packed: bytes) -> None:
        """Sends the bytes of a command whose reply nothing waits for."""
        batch = self._next or self._batch()
        batch.packed.append(packed)
        batch.calls.append(None)

    def read(self, key: bytes) -> asyncio.Future[bytes | None]:
        """Returns the value of a key. If the connection follows the stream, it has read it up to this call."""
        future: asyncio.Future[bytes | None] = self._loop.create_future()
        (self._next or self._batch()).reads.append((future, key))
        return future

    def refresh(self) -> asyncio.Future[bytes | None]:
        """Returns when the stream was read up to this call."""
        future: asyncio.Future[bytes | None] = self._loop.create_future()
        self._batch().refreshes.append((future, None))
        return future

    def drop(self, cause: str) -> None:
        """Ends the connection at once. All calls fail."""
        if self.lost.done():
            return
        self.lost.set_result(cause)
        if self._transport is not None:
            self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        self.on_lost()
        if self._sent and self.is_in_use:
            self._outages.note_wait(self._loop.time() - self._sent[0].sent_at)
        batches = [*self._sent, *([self._next] if self._next else [])]
        self._sent.clear()
        self._next = None
        for batch in batches:
            batch.fail(StoreUnavailable(cause), self._outages)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # those of uvloop are not subclasses
        if self.lost.done():
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(type(exc).__name__ if exc else "the connection was closed")

    def data_received(self, data: bytes) -> None:
        self._received_at = self._loop.time()
        self._reader.feed(data)
        sent, gets = self._sent, self._reader.gets
        try:
            while sent:
                batch = sent[0]
                replies, count = batch.replies, batch.count
                while len(replies) < count:
                    reply = gets()
                    if reply is False:
                        return
                    replies.append(reply)
                sent.popleft()
                self._complete(batch)
            if self._reader.has_data():
                self.drop("a reply without a command")
        except hiredis.ProtocolError:
            self.drop("ProtocolError")

    def _batch(self) -> _Batch:
        batch = self._next
        if batch is None:
            batch = self._next = _Batch()
            if self.lost.done():
                self._loop.call_soon(batch.fail, StoreUnavailable(self.lost.result()), self._outages)
                self._next = None
            else:
                self._loop.call_soon(self._flush)
        return batch

    def _flush(self) -> None:
        batch, self._next = self._next, None
        if batch is None or self._transport is None or self.lost.done():
            return
        packed = batch.packed
        for _, key in batch.reads:
            packed.append(b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key))
        if self._follower is not None and (batch.reads or batch.refreshes):
            batch.since = self._follower.last_id
            packed.append(self._follower.command)
        batch.count = len(packed)
        batch.sent_at = self._loop.time()
        self._sent.append(batch)
        self._transport.write(b"".join(packed))
        if self._timer is None:
            self._timer = self._loop.call_later(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if not self._sent:
            self._is_suspect = False
            return
        now, sent_at = self._loop.time(), self._sent[0].sent_at
        due = min(max(sent_at, self._received_at) + self._deadline, sent_at + _MAX_DEADLINES * self._deadline)
        if now < due:
            self._is_suspect = False
        elif self._is_suspect:
            self.drop("TimeoutError")
            return
        else:
            self._is_suspect, due = True, now + _GRACE_SECONDS
        self._timer = self._loop.call_at(due, self._check_deadline)

    def _complete(self, batch: _Batch) -> None:
        """Gives the replies of a batch to its callers, or fails all of them."""
        is_behind = False
        try:
            self._check_replies(batch)
            is_behind = batch.since is not None and self._follow(batch.since, batch.replies[-1])
        except StoreUnavailable as error:
            self.drop(str(error))
        except (LookupError, TypeError, ValueError):
            self.drop("a malformed reply")
        if self.lost.done():
            batch.fail(StoreUnavailable(self.lost.result()), self._outages)
            return
        for future, reply in zip(batch.calls, batch.replies, strict=False):
            if future is not None and not future.done():
                future.set_result(reply)
        values = batch.replies[len(batch.calls) :]
        if is_behind:
            futures = [future for future, _ in batch.reads]
            self._batch().refreshes += [*zip(futures, values, strict=False), *batch.refreshes]
            return
        for (future, _), value in zip(batch.reads, values, strict=False):
            self._resolve(future, value)
        for future, value in batch.refreshes:
            self._resolve(future, value)

    def _check_replies(self, batch: _Batch) -> None:
        """Raises `StoreUnavailable` for an error that does not concern one call only."""
        for reply in batch.replies:
            if isinstance(reply, hiredis.ReplyError) and not str(reply).startswith(self._tolerated):
                raise StoreUnavailable(_kind(reply))

    def _follow(self, since: bytes, entries: Any) -> bool:
        assert self._follower is not None  # noqa: S101 - for the type
        if isinstance(entries, hiredis.ReplyError):
            raise StoreUnavailable(_kind(entries))
        return self._follower.receive(since, entries)

    def _resolve(self, future: asyncio.Future[bytes | None], value: Any) -> None:
        if future.done():
            return
        if not isinstance(value, hiredis.ReplyError):
            future.set_result(value)
            return
        if is_moved(value):
            self.on_moved()
        self._outages.failures += 1
        _fail(future, StoreUnavailable(_kind(value)))


def _fail(future: asyncio.Future[Any], error: StoreUnavailable) -> None:
    """Sets the error of a call. It is not logged if the request that made the call has ended meanwhile."""
    future.set_exception(error)
    future.exception()


def is_moved(reply: object) -> bool:
    """Returns whether a reply says that another node of a cluster has the key."""
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith(("MOVED", "ASK", "TRYAGAIN"))


def _kind(error: hiredis.ReplyError) -> str:
    """Returns the first word of an error, since the rest may contain keys."""
    return str(error).partition(" ")[0]
