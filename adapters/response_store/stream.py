"""The stream of announcements in Redis: appending to it, and following it on one connection."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import Any

import hiredis

from adapters.redis_connection.commands import Command
from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import check
from adapters.redis_connection.link import RedisLink
from adapters.redis_connection.outages import Outages
from adapters.response_store.base import ANYTHING, LEASE_SECONDS, MAX_HOLD_SECONDS, Hold, StoreUnavailable
from adapters.response_store.entries import (
    confirm_command,
    hold_command,
    marker_command,
    move_commands,
    position_of,
)
from adapters.response_store.follower import Follower
from adapters.response_store.history import read_history
from adapters.response_store.identity import UNKNOWN, read_identity
from adapters.response_store.tail import HISTORY_SECONDS, Tail, milliseconds_of, position_at

MAX_OWED_TAGS = 10_000
"""If this process owes more tags, it announces that everything has moved."""

MARK_SECONDS = 60.0
"""Maximum seconds between markers of a process, so that a new process finds one that is older than most responses."""

_HOLD_ATTEMPTS = 3
"""Attempts to append a hold. A server that answers again also serves other processes, so a hold is needed."""

_ATTEMPT_SECONDS = 2.0
"""The time for an attempt to connect that an announcement has requested."""

TRUST_SECONDS = 5.0
"""The seconds after which every other process has announced what it owed when this one connected, or has given up."""

_WRITTEN_MILLISECONDS = 10_000

CLOSE_SECONDS = 1.0
_CLOSE_PAUSE = 0.02

Connect = Callable[[Follower], Awaitable[PipelinedConnection]]


class _Turn:
    """Tags that are appended together."""

    def __init__(self, tags: Collection[str]) -> None:
        self.tags = set(tags)
        self.appended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()


class _OwnHold:
    """A hold of this process that is not confirmed. It gets another id when it is appended again."""

    def __init__(self, hold: Hold, ends_at: float) -> None:
        self.tags = hold.tags
        self.ids = [hold.id]
        self.ends_at = ends_at


class AnnouncementStream:
    """Appends to the stream, and owes what it could not append until the next connection."""

    def __init__(self, key: str, tail: Tail, connect: Connect, outages: Outages) -> None:
        self._outages = outages
        self._key = key
        self._written_key = f"{key}:{{{key}}}"
        """A key on the node of the stream: the part in braces decides which node has it."""
        self._tail = tail
        self._follower = Follower(key, tail)
        self._identity = ""
        self._has_read = False
        self._marks_at = 0.0
        self._owed = set[str]()
        self._next: _Turn | None = None
        self._unanswered = set[_Turn]()
        self._own_holds: dict[int, _OwnHold] = {}
        self._failing_since: float | None = None
        """The time of the first failure since the last connection."""
        self.leased_until = 0.0
        """The time until which stored responses may be served: the server has accepted a write not long before."""
        self.link = RedisLink(partial(connect, self._follower), self._synchronise, self._check, outages)
        self.link.on_lost = self._on_lost

    async def announce(self, tags: Collection[str]) -> bool:
        if not tags:
            return True
        if self.link.connection is None:
            self._owe(tags)
            return await self._await_connection()
        if self._next is None:
            self._next = _Turn(tags)
            asyncio.get_running_loop().call_soon(self._send_next)
        else:
            self._next.tags.update(tags)
        return await asyncio.shield(self._next.appended) or await self._await_connection()

    async def hold(self, tags: Collection[str], seconds: float) -> Hold:
        held = frozenset(tags)
        if held:
            for _ in range(_HOLD_ATTEMPTS):
                if (hold := await self._try_hold(held, seconds)) is not None:
                    return hold
                if not await self._await_connection():
                    break
        return Hold(0, held)

    async def _try_hold(self, tags: frozenset[str], seconds: float) -> Hold | None:
        """Returns a hold that the server has appended, or None."""
        connection, loop = self.link.connection, asyncio.get_running_loop()
        if connection is None or not 0 < seconds <= MAX_HOLD_SECONDS:
            self._outages.failures += 1
            return None
        ends_at = loop.time() + seconds
        try:
            reply, _ = await asyncio.gather(
                connection.call(hold_command(self._key, tags, math.ceil(seconds * 1000))),
                connection.call(marker_command(self._key, self._identity)),
            )
        except StoreUnavailable:
            return None
        if isinstance(reply, hiredis.ReplyError):
            self._drop(connection, reply)
            return None
        hold = Hold(position_of(reply), tags)
        self._own_holds[hold.id] = _OwnHold(hold, ends_at)
        loop.call_later(seconds, self._own_holds.pop, hold.id, None)
        return hold

    async def confirm(self, hold: Hold) -> bool:
        own = self._own_holds.pop(hold.id, None)
        if not hold.is_announced:
            return await self.announce(hold.tags)
        connection = self.link.connection
        if connection is None:
            self._owe(hold.tags)
            return await self._await_connection()
        turn = _Turn(hold.tags)
        # Each read receives the last entry again, so a short one follows.
        confirm = confirm_command(self._key, hold.tags, own.ids if own else [hold.id])
        self._send(connection, turn, [confirm, marker_command(self._key, self._identity)])
        return await asyncio.shield(turn.appended) or await self._await_connection()

    async def close(self) -> None:
        """Ends the connection. Waits a moment until everything is appended, because no other process announces it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + CLOSE_SECONDS
        while (self._owed or self._next or self._unanswered) and loop.time() < until:  # noqa: ASYNC110 - as seldom as it ends
            await asyncio.sleep(_CLOSE_PAUSE)
        await self.link.close()

    async def _await_connection(self) -> bool:
        """Returns True when there is a connection again, over which everything that was owed has been appended.

        Returns False when every process that the same server does not serve writes has noticed it, and an attempt to
        connect has failed since then. Another process may have connected earlier than this one, and store responses.
        """
        loop = asyncio.get_running_loop()
        if self.link.connection is None:
            if self._failing_since is None:
                self._failing_since = loop.time()
            await self.link.wait(self._failing_since + LEASE_SECONDS - loop.time())
        await self.link.attempt(_ATTEMPT_SECONDS)
        return self.link.connection is not None

    def _send_next(self) -> None:
        turn, self._next = self._next, None
        if turn is None:
            return
        connection = self.link.connection
        if connection is None:
            self._owe(turn.tags)
            turn.appended.set_result(False)
        else:
            self._send(connection, turn, move_commands(self._key, turn.tags))

    def _send(self, connection: PipelinedConnection, turn: _Turn, commands: Sequence[Command]) -> None:
        self._unanswered.add(turn)
        replies = asyncio.gather(*map(connection.call, commands), return_exceptions=True)
        replies.add_done_callback(lambda done: self._on_replies(connection, turn, done.result()))

    def _on_replies(self, connection: PipelinedConnection, turn: _Turn, replies: list[Any]) -> None:
        error = next((reply for reply in replies if isinstance(reply, Exception)), None)
        if error is None:
            self._unanswered.discard(turn)
        else:
            self._drop(connection, error)
        if not turn.appended.done():
            turn.appended.set_result(error is None)

    def _drop(self, connection: PipelinedConnection, error: Exception) -> None:
        """Ends a connection whose server does not append, such as a full one. All that is unanswered is owed then."""
        self._outages.failures += isinstance(error, hiredis.ReplyError)
        connection.drop(str(error).partition(" ")[0])

    def _owe(self, tags: Collection[str]) -> None:
        self._outages.failures += 1
        self._owed.update(tags)
        if len(self._owed) > MAX_OWED_TAGS:
            self._owed = {ANYTHING}

    def _on_lost(self) -> None:
        if self._failing_since is None:
            self._failing_since = asyncio.get_running_loop().time()
        for turn in self._unanswered:
            self._owed.update(turn.tags)
        self._unanswered.clear()

    async def _synchronise(self, connection: PipelinedConnection) -> None:
        """Appends what is owed and a marker, and reads up to it. Raises `StoreUnavailable`.

        Announcements before the marker may be lost, so no response of an earlier position is current. A new process
        has missed nothing. But others may owe announcements after an outage, so it trusts earlier responses later.
        """
        began = asyncio.get_running_loop().time()
        self._identity = await read_identity(connection)
        await self._append_owed(connection)
        await self._append_own_holds(connection)
        marker = position_of(await self._append_marker(connection))
        begin = max(milliseconds_of(marker) - HISTORY_SECONDS * 1000, 0)
        self._tail.reset(marker)
        complete_since = await read_history(connection, self._follower, begin, self._identity)
        if not self._has_read:
            earliest = max(complete_since, position_at(begin + MAX_HOLD_SECONDS * 1000))
            asyncio.get_running_loop().call_later(TRUST_SECONDS, self._tail.lower_minimum, marker, earliest)
        self._has_read = True
        await self._append_owed(connection)
        self._failing_since, self.leased_until = None, began + LEASE_SECONDS

    async def _append_owed(self, connection: PipelinedConnection) -> None:
        while self._owed:
            owed, self._owed = self._owed, set[str]()
            tags = owed if len(owed) <= MAX_OWED_TAGS else {ANYTHING}
            try:
                for reply in await asyncio.gather(*map(connection.call, move_commands(self._key, tags))):
                    check(reply)
            except BaseException:
                self._owed |= owed
                raise

    async def _append_own_holds(self, connection: PipelinedConnection) -> None:
        now = asyncio.get_running_loop().time()
        for own in [own for own in self._own_holds.values() if own.ends_at > now]:
            command = hold_command(self._key, own.tags, math.ceil((own.ends_at - now) * 1000))
            own.ids.append(position_of(check(await connection.call(command))))

    async def _append_marker(self, connection: PipelinedConnection) -> bytes:
        """Returns the id of a marker that is later than everything this process knows, whatever the server's clock."""
        self._marks_at = asyncio.get_running_loop().time() + random.uniform(0.5, 1.0) * MARK_SECONDS  # noqa: S311 - no secret
        marker = check(await connection.call(marker_command(self._key, self._identity)))
        known = max(self._tail.position, self._tail.minimum)
        if position_of(marker) > known:
            return marker
        later = f"{milliseconds_of(known) + 1}-0"
        return check(await connection.call(marker_command(self._key, self._identity, later)))

    async def _check(self, connection: PipelinedConnection) -> None:
        """Notices a server that does not answer or accept writes or has changed its role, and holds without a process.

        A server that only answers reads, because it is full or fails over, would hide the writes of other processes.
        """
        now = asyncio.get_running_loop().time()
        check(await connection.call(("SET", self._written_key, 1, "PX", _WRITTEN_MILLISECONDS)))
        await connection.refresh()
        if await read_identity(connection) != self._identity and not self._identity.startswith(UNKNOWN):
            raise StoreUnavailable("the server was replaced")
        end = self._tail.first_hold_end
        seconds, _ = check(await connection.call(("TIME",)))
        ended = end is not None and int(seconds) * 1000 > milliseconds_of(end)
        if ended or now >= self._marks_at:
            await self._append_marker(connection)
        self.leased_until = now + LEASE_SECONDS
