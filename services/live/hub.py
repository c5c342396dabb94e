"""Creates followers, and reads the event streams that moved, once for all followers of the process."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice

from adapters.bus import Bus, Listener
from adapters.database import Database
from core.background import Background
from core.clock import Clock
from core.paging import Cursors
from services.event_log.event_streams import POPULAR_STREAM, RowKey
from services.event_log.stream_reads import StreamPage, read_streams
from services.event_log.topics import read_stream_key
from services.live.cursors import Position
from services.live.events import PayloadRow
from services.live.follower import Delivery, Follower, FollowerState, Receiver
from services.live.followers import Followers
from services.live.missed import MissedEvents
from services.live.own_streams import OwnStreams
from services.live.popular_stream import PopularStream

MAX_STREAMS = 1000
"""The maximum of streams that one statement reads."""

MAX_ENTRIES = 64
"""The maximum of entries of each stream that one statement reads."""

MAX_DELIVERED = 32
"""The maximum of missed entries that a follower receives before it has sent them, since their results may be large."""

_POLL_SECONDS = 1.0
_POLL_SECONDS_WITH_BUS = 15.0
_RETRY_SECONDS = 1.0
_TASK = "event streams"
_WAITING = "event streams cannot be read at the moment"


class StreamHub:
    """Delivers the entries of streams to followers, in order, each once.

    The bus tells which streams moved. At intervals, and more often without the bus, the hub reads all streams that are
    followed. The position of a follower decides what it receives, so wake-ups may be lost or sent twice.
    """

    def __init__(self, database: Database, bus: Bus, background: Background, clock: Clock, cursors: Cursors) -> None:
        self._database = database
        self._bus = bus
        self._background = background
        self._followers = Followers()
        self._popular = PopularStream(database, self._followers, cursors, clock)
        self._own = OwnStreams(self._followers, self._popular, cursors, clock, self.mark)
        self._missed = MissedEvents(database, self._own, self._popular, cursors, clock)
        self._moved = set[RowKey]()
        self._wake_up = asyncio.Event()
        self._polled_at = 0.0
        self._tasks = set[asyncio.Task[None]]()
        self._listener: Listener | None = None
        self.delivered = 0
        """The number of payloads that followers have received."""
        self.resets = 0
        """The number of followers that could not be resumed."""

    def __len__(self) -> int:
        return len(self._followers)

    @property
    def idle(self) -> int:
        """The number of followers that have received everything and wait."""
        return self._followers.idle()

    async def follow_user(self, user_id: int, after: Position | None) -> Follower:
        """Returns a follower of a user's streams after a position, or from now on."""
        follower = Follower(self, RowKey(user_id, user_id), user_id, is_user=True)
        await self._open(follower, after)
        return follower

    async def follow_post(self, viewer_id: int, post: RowKey, after: Position | None) -> Follower | None:
        """Returns a follower of a post after a position, or from now on. Returns None if the viewer sees no post."""
        follower = Follower(self, post, viewer_id, is_user=False)
        return follower if await self._open(follower, after) else None

    def start(self, follower: Follower, missed: Sequence[PayloadRow]) -> None:
        """Delivers what a follower has missed, and then what is new."""
        follower.missed = missed
        self.proceed(follower)

    def proceed(self, follower: Follower) -> None:
        """Continues with a follower that has sent its last delivery."""
        if follower.state is FollowerState.CLOSED:
            return
        if follower.missed:
            follower.state = FollowerState.BUSY
            payloads, follower.missed = follower.missed[:MAX_DELIVERED], follower.missed[MAX_DELIVERED:]
            self._hand_over([Delivery([follower], payloads)])
            return
        if follower.needs_own_read:
            self._read_own_in_background(follower)
            return
        follower.state = FollowerState.IDLE
        if follower.is_behind:
            follower.is_behind = False
            self.mark([follower.stream])

    def close(self, follower: Follower) -> None:
        """Removes a follower. Has no effect on one that is closed."""
        if follower.state is FollowerState.CLOSED:
            return
        follower.state, follower.missed = FollowerState.CLOSED, ()
        for topic in self._followers.remove(follower):
            if self._listener is not None:
                self._listener.remove(topic)
        self._own.forget(follower)
        self._popular.forget(follower)

    def mark(self, streams: Iterable[RowKey]) -> None:
        """Has these streams read soon."""
        self._moved.update(streams)
        self._wake_up.set()

    async def run(self) -> None:
        """Delivers until it is cancelled."""
        watching = asyncio.create_task(self._background.supervise("wake-ups of event streams", self._watch))
        try:
            await self._background.supervise(_TASK, self._read_moved)
        finally:
            tasks = {watching, *self._tasks}
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _open(self, follower: Follower, after: Position | None) -> bool:
        """Adds a follower and reads what it missed. Returns whether there is something to follow.

        It is added first, so that no wake-up is lost between the two.
        """
        for topic in self._followers.add(follower):
            if self._listener is not None:
                self._listener.add(topic)
        try:
            missed = await self._missed.read(follower, after)
        except BaseException:
            self.close(follower)
            raise
        if missed is None:
            self.close(follower)
            return False
        follower.missed = missed
        return True

    def _read_own_in_background(self, follower: Follower) -> None:
        follower.state = FollowerState.READING
        task = asyncio.create_task(self._read_own(follower))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_own(self, follower: Follower) -> None:
        """Reads what a follower misses, until it succeeds or the follower is closed."""
        read = partial(self._missed.read, follower, follower.position)
        while follower.state is FollowerState.READING:
            missed = await self._background.attempt(_TASK, read, _WAITING)
            if missed is None:
                await asyncio.sleep(_RETRY_SECONDS)
            elif follower.state is FollowerState.READING:
                self.start(follower, missed)

    async def _watch(self) -> None:
        """Marks the streams that the bus names."""
        with self._bus.listen(*self._followers.topics()) as listener:
            self._listener = listener
            try:
                self._mark_all()
                while True:
                    await listener.wait(_POLL_SECONDS_WITH_BUS)
                    wakes = listener.take()
                    self.mark(self._followers.named(read_stream_key(key) for key in wakes.keys))
                    self.mark(self._followers.of_topics(wakes.topics))
            finally:
                self._listener = None

    async def _read_moved(self) -> None:
        while True:
            await self._wait()
            streams = list(islice(self._moved, MAX_STREAMS))
            self._moved.difference_update(streams)
            turn = partial(self._turn, streams)
            if not await self._background.attempt(_TASK, turn, _WAITING):
                self._moved.update(streams)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _wait(self) -> None:
        """Waits until a stream has moved, or until all of them are to be read."""
        loop = asyncio.get_running_loop()
        while not self._moved and loop.time() < self._next_poll:
            self._wake_up.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._wake_up.wait()
        if loop.time() >= self._next_poll:
            self._polled_at = loop.time()
            self._mark_all()

    @property
    def _next_poll(self) -> float:
        """The time at which all streams are read. It comes sooner when the bus is lost."""
        seconds = _POLL_SECONDS_WITH_BUS if self._bus.reaches_other_processes else _POLL_SECONDS
        return self._polled_at + seconds

    def _mark_all(self) -> None:
        self.mark(self._followers)
        if self._followers.has_users:
            self.mark([POPULAR_STREAM])

    async def _turn(self, streams: Sequence[RowKey]) -> bool:
        """Reads streams and delivers their entries. Returns True."""
        if POPULAR_STREAM in streams:
            deliveries, is_complete = await self._popular.read(MAX_ENTRIES)
            self._hand_over(deliveries)
            for follower in self._popular.take_behind():
                self._read_own_in_background(follower)
            if not is_complete:
                self.mark([POPULAR_STREAM])
        self._own.begin_read()
        after = {stream: place for stream in streams if (place := self._own.place_of(stream)) is not None}
        pages = await read_streams(self._database, after.items(), MAX_ENTRIES)
        self._hand_over(list(self._own_deliveries(pages, after)))
        return True

    def _own_deliveries(self, pages: dict[RowKey, StreamPage], after: dict[RowKey, int]) -> Iterator[Delivery]:
        for stream, page in pages.items():
            yield from self._own.deliveries(stream, page, after[stream])

    def _hand_over(self, deliveries: Sequence[Delivery]) -> None:
        """Gives each delivery to the receiver of its followers."""
        by_receiver: dict[Receiver, list[Delivery]] = {}
        for followers, payloads in deliveries:
            self.delivered += len(followers) * len(payloads)
            self.resets += len(followers) * (payloads[0]["event"]["__typename"] == "StreamReset")
            groups: dict[Receiver, list[Follower]] = {}
            for follower in followers:
                if follower.receiver is not None:
                    groups.setdefault(follower.receiver, []).append(follower)
            for receiver, group in groups.items():
                by_receiver.setdefault(receiver, []).append(Delivery(group, payloads))
        for receiver, received in by_receiver.items():
            receiver.receive(received)
