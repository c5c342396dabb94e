"""One subscription to the streams of a user, or to the stream of a post."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from services.event_log.event_streams import RowKey
from services.live.cursors import START_POSITION
from services.live.events import PayloadRow

if TYPE_CHECKING:
    from services.live.hub import StreamHub


class Delivery(NamedTuple):
    """New payloads, in order, for subscribers of the same stream at the same position."""

    subscribers: Sequence[Subscriber]
    payloads: Sequence[PayloadRow]


class Receiver(Protocol):
    """Takes the payloads of subscribers, and calls `Subscriber.proceed` for each subscriber when it has sent them."""

    def receive(self, deliveries: Sequence[Delivery]) -> None: ...


class SubscriberState(Enum):
    """The state of a subscriber."""

    READING = auto()
    """It reads by itself, or is not attached yet."""
    IDLE = auto()
    """It waits for new entries, which the hub reads for all subscribers."""
    BUSY = auto()
    """Its receiver sends payloads."""
    CLOSED = auto()


class Subscriber(AsyncIterable[PayloadRow]):
    """A subscription, which `StreamHub` creates.

    A server has one for each subscription, so it has few attributes. `subscription` belongs to the receiver.
    """

    __slots__ = (
        "_hub",
        "is_behind",
        "is_user",
        "missed",
        "needs_own_read",
        "position",
        "receiver",
        "state",
        "stream",
        "subscription",
        "viewer_id",
    )

    def __init__(self, hub: StreamHub, stream: RowKey, viewer_id: int, *, is_user: bool) -> None:
        self._hub = hub
        self.stream = stream
        self.viewer_id = viewer_id
        self.is_user = is_user
        self.state = SubscriberState.READING
        self.position = START_POSITION
        self.is_behind = False
        """Whether the stream has moved while the subscriber was not idle."""
        self.needs_own_read = False
        """Whether entries precede those that the hub reads next, so that the subscriber has to read them by itself."""
        self.missed: Sequence[PayloadRow] = ()
        """Payloads that were read and not delivered yet."""
        self.receiver: Receiver | None = None
        self.subscription: Any = None

    def attach(self, receiver: Receiver, subscription: object = None) -> None:
        """Begins to deliver: first what was missed, then what is new."""
        self.receiver, self.subscription = receiver, subscription
        self._hub.start(self, self.missed)

    def proceed(self) -> None:
        """Tells that the last delivery was sent."""
        self._hub.proceed(self)

    @property
    def is_closed(self) -> bool:
        return self.state is SubscriberState.CLOSED

    def close(self) -> None:
        """Ends the subscription. Has no effect on a closed one."""
        self._hub.close(self)

    async def __aiter__(self) -> AsyncGenerator[PayloadRow]:
        """Yields the payloads. graphql-core requires an async iterable; the gateway uses `attach` instead."""
        receiver = _Queue()
        self.attach(receiver)
        try:
            while True:
                for row in await receiver.queue.get():
                    yield row
                self.proceed()
        finally:
            self.close()


class _Queue:
    """The receiver of a single subscriber."""

    def __init__(self) -> None:
        self.queue = asyncio.Queue[Sequence[PayloadRow]]()

    def receive(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self.queue.put_nowait(delivery.payloads)
