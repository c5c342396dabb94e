"""A connection to one server of the bus, which is replaced when it is lost."""

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from adapters.bus.wakes import Message, PendingWakes, keys_of, messages_of
from core.cancellation import raise_if_cancelled

logger = logging.getLogger(__name__)

_MAX_KEYS_PER_TOPIC = 2_000
_MAX_KEYS = 200_000
_PAUSES = (0.1, 5.0)
"""The first and the maximum pause between attempts to connect, in seconds."""

_CHECK_SECONDS = 15.0


def no_wakes() -> PendingWakes:
    """Returns an empty collection of wake-ups for other processes."""
    return PendingWakes(_MAX_KEYS_PER_TOPIC, _MAX_KEYS)


class BusConnection(ABC):
    """A connection to a server. Each method has a deadline, and raises an error of the link's `errors` at its end."""

    @abstractmethod
    def raise_if_closed(self) -> None:
        """Raises an error if the connection is lost."""

    @abstractmethod
    async def subscribe(self, topics: Collection[str]) -> None:
        """Returns when the server has confirmed that messages of the topics arrive."""

    @abstractmethod
    async def unsubscribe(self, topics: Collection[str]) -> None:
        """Ends the messages of the topics."""

    @abstractmethod
    async def send(self, messages: Collection[Message]) -> None:
        """Sends all messages together."""

    @abstractmethod
    async def check(self) -> None:
        """Raises an error when the server does not answer."""

    @abstractmethod
    async def close(self) -> None:
        """Closes the connection at once, in any state."""


class Backoff:
    """Pauses that become longer, and start anew after a success."""

    def __init__(self) -> None:
        self._pause = _PAUSES[0]

    async def pause(self, lasted: float) -> None:
        """Waits before another attempt. An attempt that lasted longer than the maximum pause counts as a success."""
        if lasted > _PAUSES[1]:
            self._pause = _PAUSES[0]
        await asyncio.sleep(self._pause * random.uniform(0.5, 1.0))  # noqa: S311 - not for secrets
        self._pause = min(self._pause * 2, _PAUSES[1])


@dataclass(frozen=True, slots=True)
class Driver:
    """Connects to a server."""

    connect: Callable[["Link"], Awaitable[BusConnection]]
    """Returns a connection within the deadline. It calls `on_message` and `notify` of the link from then on."""

    errors: tuple[type[Exception], ...]
    """The exceptions of a connection that is lost or cannot be made."""


class Link:
    """Maintains a connection, receives the topics that have listeners, and sends wake-ups.

    It sends a burst of wake-ups together. It replaces a lost connection with backoff. When a subscription is confirmed,
    it wakes the whole topic, since earlier wake-ups may have been lost.
    """

    def __init__(
        self,
        driver: Driver,
        topics: Callable[[], AbstractSet[str]],
        wake: Callable[[str, Collection[str]], None],
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.pending = no_wakes()
        """Wake-ups that are not sent yet. Call `notify` after adding some."""
        self._driver = driver
        self._topics = topics
        self._wake = wake
        self._on_lost = on_lost
        self._subscribed = set[str]()
        self.is_connected = False
        """Whether messages arrive. A topic that was added recently is woken as soon as its messages arrive."""
        self._notified = asyncio.Event()

    def notify(self) -> None:
        """Makes the link look for lost connections, changed topics and pending wake-ups."""
        self._notified.set()

    def on_message(self, topic: str, payload: str) -> None:
        """Wakes the listeners of this process. Malformed payloads wake the whole topic."""
        self._wake(topic, keys_of(payload))

    async def run(self) -> None:
        """Maintains the connection until it is cancelled."""
        loop, backoff = asyncio.get_running_loop(), Backoff()
        while True:
            began = loop.time()
            await self._connect_and_serve()
            raise_if_cancelled()
            self._on_lost()
            await backoff.pause(loop.time() - began)

    async def _connect_and_serve(self) -> None:
        """Returns when the connection is lost or cannot be made."""
        try:
            connection = await self._driver.connect(self)
        except self._driver.errors as error:
            logger.warning("the bus cannot connect: %s", type(error).__name__)
            return
        try:
            await self._serve(connection)
        except self._driver.errors as error:
            logger.warning("the bus lost its connection: %s", type(error).__name__)
        finally:
            self.is_connected = False
            self._subscribed.clear()
            await connection.close()

    async def _serve(self, connection: BusConnection) -> None:
        """Subscribes and sends until the connection is lost, and checks the connection periodically."""
        while True:
            raise_if_cancelled()
            self._notified.clear()
            connection.raise_if_closed()
            await self._subscribe(connection)
            await self._send(connection)
            self.is_connected = True
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await self._notified.wait()
            except TimeoutError:
                await connection.check()

    async def _subscribe(self, connection: BusConnection) -> None:
        topics = frozenset(self._topics())
        if ended := self._subscribed - topics:
            self._subscribed -= ended
            await connection.unsubscribe(ended)
        if begun := topics - self._subscribed:
            await connection.subscribe(begun)
            self._subscribed |= begun
            for topic in begun:
                self._wake(topic, ())

    async def _send(self, connection: BusConnection) -> None:
        wakes = self.pending.take()
        if not wakes:
            return
        try:
            await connection.send(messages_of(wakes))
        except BaseException:
            for topic, keys in wakes.items():
                self.pending.add(topic, keys)
            raise
