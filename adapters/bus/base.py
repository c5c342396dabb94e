"""The interface of the bus."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Iterable
from collections.abc import Set as AbstractSet
from contextlib import contextmanager

from adapters.bus.listener import Listener
from adapters.bus.wakes import check_keys, check_topic


class Bus(ABC):
    """Wakes listeners by topic, or by keys within a topic.

    A topic has up to 22 lower-case letters, digits and underscores. A key has up to 40 lower-case letters, digits and
    dots. Methods raise `ValueError` for others.
    """

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}

    @property
    @abstractmethod
    def reaches_other_processes(self) -> bool:
        """Whether wake-ups of other processes arrive at the moment."""

    def wake(self, topic: str, keys: Iterable[str] = ()) -> None:
        """Wakes the listeners of the topic in all processes, for the keys, or for everything if there are no keys.

        Never waits or fails; the wake-up may be lost.
        """
        check_topic(topic)
        checked = check_keys(keys)
        self._wake_here(topic, checked)
        self._wake_elsewhere(topic, checked)

    @contextmanager
    def listen(self, *topics: str) -> Generator[Listener]:
        """Returns a listener to the topics until the block ends. It can add and remove topics."""
        listener = Listener(self._follow, self._unfollow)
        try:
            for topic in topics:
                listener.add(topic)
            yield listener
        finally:
            listener.close()

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""

    @abstractmethod
    def _wake_elsewhere(self, topic: str, keys: Collection[str]) -> None:
        """Wakes the listeners of other processes soon."""

    @abstractmethod
    def _on_topics_changed(self) -> None:
        """Receives wake-ups of other processes for `_followed_topics` soon, and for no other topics."""

    @property
    def _followed_topics(self) -> AbstractSet[str]:
        return self._listeners.keys()

    def _wake_here(self, topic: str, keys: Collection[str] = ()) -> None:
        for listener in self._listeners.get(topic, ()):
            listener.wake(topic, keys)

    def _follow(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(listener)
        if len(listeners) == 1:
            self._on_topics_changed()

    def _unfollow(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners[topic]
        listeners.discard(listener)
        if not listeners:
            del self._listeners[topic]
            self._on_topics_changed()
