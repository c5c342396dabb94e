"""`memory://`: a response store within one process."""

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection

from adapters.response_store.base import MAX_HOLD_SECONDS, Hold, ResponseStore
from adapters.response_store.tail import Tail, position_at

MAX_BYTES = 64 * 1024 * 1024
OVERHEAD = 200
"""The approximate bytes of an entry besides its key and value."""


class MemoryStore(ResponseStore):
    """Stores values up to a total size, and evicts the least recently used ones."""

    def __init__(self, max_bytes: int = MAX_BYTES, clock: Callable[[], float] = time.time) -> None:
        self.tail = Tail()
        self._clock = clock
        self._max_bytes = max_bytes
        self._bytes = 0
        self._values = OrderedDict[str, tuple[bytes, float]]()
        self._locks: dict[str, float] = {}
        self.tail.reset(self._next_position())

    def __len__(self) -> int:
        return len(self._values)

    @property
    def failures(self) -> int:
        return 0

    @property
    def is_available(self) -> bool:
        return True

    def read(self, key: str) -> Awaitable[bytes | None]:
        return self._read(key)

    async def write(self, key: str, value: bytes, milliseconds: int) -> None:
        self._forget(key)
        self._values[key] = value, self._clock() + milliseconds / 1000
        self._bytes += _size(key, value)
        while self._bytes > self._max_bytes:
            self._forget(next(iter(self._values)))

    async def acquire(self, key: str, milliseconds: int) -> bool:
        now = self._clock()
        if self._locks.get(key, now) > now:
            return False
        self._locks = {locked: end for locked, end in self._locks.items() if end > now}
        self._locks[key] = now + milliseconds / 1000
        return True

    async def release(self, key: str) -> None:
        self._locks.pop(key, None)

    async def announce(self, tags: Collection[str]) -> bool:
        if tags:
            self.tail.apply(self._next_position(), tags)
        return True

    async def hold(self, tags: Collection[str], seconds: float) -> Hold:
        if not tags or not 0 < seconds <= MAX_HOLD_SECONDS:
            return Hold(0, frozenset(tags))
        hold = Hold(self._next_position(), frozenset(tags))
        self.tail.hold(hold.id, hold.id + position_at(math.ceil(seconds * 1000)), hold.tags)
        return hold

    async def confirm(self, hold: Hold) -> bool:
        if hold.tags:
            self.tail.confirm(self._next_position(), [hold.id], hold.tags)
        return True

    async def close(self) -> None:
        self._values.clear()
        self._bytes = 0

    async def _read(self, key: str) -> bytes | None:
        if self.tail.first_hold_end is not None:
            self.tail.advance(self._next_position())
        value, end = self._values.get(key, (None, 0.0))
        if value is None:
            return None
        if end <= self._clock():
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return value

    def _next_position(self) -> int:
        """Returns a position later than all others, of the present time unless the clock was set back."""
        return max(self.tail.position + 1, position_at(int(self._clock() * 1000)))

    def _forget(self, key: str) -> None:
        value, _ = self._values.pop(key, (None, 0.0))
        if value is not None:
            self._bytes -= _size(key, value)


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + OVERHEAD
