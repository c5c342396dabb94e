"""Listeners of the bus."""

import asyncio
from collections.abc import Callable, Collection

from adapters.bus.wakes import PendingWakes, Wakes, check_topic

_MAX_KEYS = 10_000

Follow = Callable[[str, "Listener"], None]


class Listener:
    """Waits for wake-ups of its topics, and collects what was woken.

    It holds up to 10,000 keys. If there are more, it reports their topics as woken as a whole.
    """

    def __init__(self, follow: Follow, unfollow: Follow) -> None:
        self._follow = follow
        self._unfollow = unfollow
        self._woken = asyncio.Event()
        self._pending = PendingWakes(_MAX_KEYS, _MAX_KEYS)
        self._topics = set[str]()
        self._closed = False

    async def wait(self, seconds: float) -> bool:
        """Returns whether a wake-up arrived within the seconds, or since the last call of `wait` or `take`."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def take(self) -> Wakes:
        """Returns the topics and keys that were woken since the last call."""
        self._woken.clear()
        return self._pending.take_wakes()

    def add(self, topic: str) -> None:
        """Follows another topic. Has no effect after the end of the block.

        If wake-ups of other processes may have been lost until now, the topic is woken as a whole when none are lost
        any more. Raises `ValueError` for an invalid topic.
        """
        check_topic(topic)
        if not self._closed and topic not in self._topics:
            self._topics.add(topic)
            self._follow(topic, self)

    def remove(self, topic: str) -> None:
        """Follows the topic no more, and forgets its wake-ups."""
        if topic in self._topics:
            self._topics.discard(topic)
            self._unfollow(topic, self)
            self._pending.discard(topic)

    def close(self) -> None:
        """Follows no topic any more."""
        self._closed = True
        for topic in list(self._topics):
            self.remove(topic)

    def wake(self, topic: str, keys: Collection[str]) -> None:
        self._pending.add(topic, keys)
        self._woken.set()
