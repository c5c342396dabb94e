"""Creates subscribers, and reads the event streams that moved, once for all subscribers of the process."""

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
from services.live.cursors import StreamPosition
from services.live.events import PayloadRow
from services.live.missed import MissedEvents
from services.live.own_streams import OwnStreams
from services.live.popular_stream import PopularStream
from services.live.subscriber import Delivery, Receiver, Subscriber, SubscriberState
from services.live.subscribers import Subscribers

MAX_STREAMS = 1000
"""The maximum of streams that one statement reads."""

MAX_ENTRIES = 64
"""The maximum of entries of each stream that one statement reads."""

MAX_DELIVERED = 32
"""The maximum of missed entries that a subscriber receives at once, since their results may be large."""

_POLL_SECONDS = 1.0
_POLL_SECONDS_WITH_BUS = 15.0
_RETRY_SECONDS = 1.0
_TASK = "event streams"
_WAITING = "event streams cannot be read at the moment"


class StreamHub:
    """Delivers the entries of streams to subscribers, in order, each once.

    The bus tells which streams moved. At intervals, and more often without the bus, the hub reads all streams that are
    followed. The position of a subscriber decides what it receives, so wake-ups may be lost or sent twice.
    """

    def __init__(self, database: Database, bus: Bus, background: Background, clock: Clock, cursors: Cursors) -> None:
        self._database = database
        self._bus = bus
        self._background = background
        self._subscribers = Subscribers()
        self._popular = PopularStream(database, self._subscribers, cursors, clock)
        self._own = OwnStreams(self._subscribers, self._popular, cursors, clock, self.mark)
        self._missed = MissedEvents(database, self._own, self._popular, cursors, clock)
        self._moved = set[RowKey]()
        self._wake_up = asyncio.Event()
        self._polled_at = 0.0
        self._tasks = set[asyncio.Task[None]]()
        self._listener: Listener | None = None
        self.delivered = 0
        """The number of payloads that were handed over to receivers."""
        self.resets = 0
        """The number of resets that were handed over to receivers."""

    def __len__(self) -> int:
        return len(self._subscribers)

    @property
    def idle(self) -> int:
        """The number of subscribers that have received everything and wait."""
        return self._subscribers.idle()

    async def subscribe_to_user(self, user_id: int, after: StreamPosition | None) -> Subscriber:
        """Returns a subscriber of a user's streams after a position, or from now on."""
        subscriber = Subscriber(self, RowKey(user_id, user_id), user_id, is_user=True)
        await self._open(subscriber, after)
        return subscriber

    async def subscribe_to_post(self, viewer_id: int, post: RowKey, after: StreamPosition | None) -> Subscriber | None:
        """Returns a subscriber of a post after a position, or from now on. Returns None if the viewer sees no post."""
        subscriber = Subscriber(self, post, viewer_id, is_user=False)
        return subscriber if await self._open(subscriber, after) else None

    def start(self, subscriber: Subscriber, missed: Sequence[PayloadRow]) -> None:
        """Delivers what a subscriber has missed, and then what is new."""
        subscriber.missed = missed
        self.proceed(subscriber)

    def proceed(self, subscriber: Subscriber) -> None:
        """Continues with a subscriber that has sent its last delivery."""
        if subscriber.state is SubscriberState.CLOSED:
            return
        if subscriber.missed:
            subscriber.state = SubscriberState.BUSY
            payloads, subscriber.missed = subscriber.missed[:MAX_DELIVERED], subscriber.missed[MAX_DELIVERED:]
            self._hand_over([Delivery([subscriber], payloads)])
            return
        if subscriber.needs_own_read:
            self._read_own_in_background(subscriber)
            return
        subscriber.state = SubscriberState.IDLE
        if subscriber.is_behind:
            subscriber.is_behind = False
            self.mark([subscriber.stream])

    def close(self, subscriber: Subscriber) -> None:
        """Removes a subscriber. Has no effect on one that is closed."""
        if subscriber.state is SubscriberState.CLOSED:
            return
        subscriber.state, subscriber.missed = SubscriberState.CLOSED, ()
        for topic in self._subscribers.remove(subscriber):
            if self._listener is not None:
                self._listener.remove(topic)
        self._own.forget(subscriber)
        self._popular.forget(subscriber)

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

    async def _open(self, subscriber: Subscriber, after: StreamPosition | None) -> bool:
        """Adds a subscriber and reads what it missed. Returns whether there is something to follow.

        It is added first, so that no wake-up is lost between the two.
        """
        for topic in self._subscribers.add(subscriber):
            if self._listener is not None:
                self._listener.add(topic)
        try:
            missed = await self._missed.read(subscriber, after)
        except BaseException:
            self.close(subscriber)
            raise
        if missed is None:
            self.close(subscriber)
            return False
        subscriber.missed = missed
        return True

    def _read_own_in_background(self, subscriber: Subscriber) -> None:
        subscriber.state = SubscriberState.READING
        task = asyncio.create_task(self._read_own(subscriber))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_own(self, subscriber: Subscriber) -> None:
        """Reads what a subscriber misses, until it succeeds or the subscriber is closed."""
        read = partial(self._missed.read, subscriber, subscriber.position)
        while subscriber.state is SubscriberState.READING:
            missed = await self._background.attempt(_TASK, read, _WAITING)
            if missed is None:
                await asyncio.sleep(_RETRY_SECONDS)
            elif subscriber.state is SubscriberState.READING:
                self.start(subscriber, missed)

    async def _watch(self) -> None:
        """Marks the streams that the bus names."""
        with self._bus.listen(*self._subscribers.topics()) as listener:
            self._listener = listener
            try:
                self._mark_all()
                while True:
                    await listener.wait(_POLL_SECONDS_WITH_BUS)
                    wakes = listener.take()
                    self.mark(self._subscribers.named(read_stream_key(key) for key in wakes.keys))
                    self.mark(self._subscribers.of_topics(wakes.topics))
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
        self.mark(self._subscribers.streams())
        if self._subscribers.has_users:
            self.mark([POPULAR_STREAM])

    async def _turn(self, streams: Sequence[RowKey]) -> bool:
        """Reads streams and delivers their entries. Returns True."""
        if POPULAR_STREAM in streams:
            deliveries, is_complete = await self._popular.read(MAX_ENTRIES)
            self._hand_over(deliveries)
            for subscriber in self._popular.take_behind():
                self._read_own_in_background(subscriber)
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
        """Gives each delivery to the receiver of its subscribers."""
        by_receiver: dict[Receiver, list[Delivery]] = {}
        for subscribers, payloads in deliveries:
            self.delivered += len(subscribers) * len(payloads)
            resets = sum(payload["event"]["__typename"] == "StreamReset" for payload in payloads)
            self.resets += len(subscribers) * resets
            groups: dict[Receiver, list[Subscriber]] = {}
            for subscriber in subscribers:
                if subscriber.receiver is not None:
                    groups.setdefault(subscriber.receiver, []).append(subscriber)
            for receiver, group in groups.items():
                by_receiver.setdefault(receiver, []).append(Delivery(group, payloads))
        for receiver, received in by_receiver.items():
            receiver.receive(received)
