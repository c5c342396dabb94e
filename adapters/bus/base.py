"""The interface of the bus."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from contextlib import contextmanager

_TOPIC = re.compile(r"[a-z_]{1,40}")


class Listener:
    """Waits for wake-ups of one topic."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Returns whether a wake-up arrived within the seconds, or since the last call."""
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
    """Wakes listeners by topic: up to 40 lower-case letters and underscores. Raises `ValueError` for other topics."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    def wake(self, topic: str) -> None:
        """Wakes the listeners of the topic in all processes. Never waits or fails; the wake-up may be lost."""
        _check(topic)
        self._wake_here([topic])
        self._wake_elsewhere(topic)

    @contextmanager
    def listen(self, topic: str) -> Generator[Listener]:
        """Returns a listener to the topic until the block ends."""
        _check(topic)
        self._ensure_connected()
        listener = Listener()
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""

    @abstractmethod
    def _wake_elsewhere(self, topic: str) -> None:
        """Wakes the listeners of other processes soon."""

    @abstractmethod
    def _ensure_connected(self) -> None:
        """Connects soon, so that wake-ups of other processes arrive."""

    def _wake_here(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener.wake()

    def _wake_all_here(self) -> None:
        self._wake_here(self._listeners)


def _check(topic: str) -> None:
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"'{topic}' is not a topic")
