"""What a bus does for the floors above, whichever engine it is."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from contextlib import contextmanager

_TOPIC = re.compile(r"[a-z_]{1,40}")


class Listener:
    """Waits to be woken."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Whether it was woken before the seconds had passed; also by what came since it last waited."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def wake(self) -> None:
        self._woken.set()


class Bus(ABC):
    """Wakes by topic: short lower-case text. `ValueError` for any other."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def wake(self, topic: str) -> None:
        """Wakes whoever listens to the topic, in any process. Returns at once, fails never, and may be lost."""
        _check(topic)
        self._wake_here([topic])
        self._wake_elsewhere(topic)

    @contextmanager
    def listen(self, topic: str) -> Generator[Listener]:
        """A listener to the topic, until the block ends."""
        _check(topic)
        self._attend()
        listener = Listener()
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)

    @abstractmethod
    async def close(self) -> None:
        """Lets go of the engine."""

    @abstractmethod
    def _wake_elsewhere(self, topic: str) -> None:
        """Has the listeners of other processes woken, soon."""

    @abstractmethod
    def _attend(self) -> None:
        """Sees to it that others' wakes are heard, soon."""

    def _wake_here(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener.wake()

    def _wake_all_here(self) -> None:
        self._wake_here(self._listeners)


def _check(topic: str) -> None:
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"'{topic}' is no topic")
