"""The interface of the response store."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Collection
from dataclasses import dataclass

from adapters.redis_connection.errors import StoreUnavailable
from adapters.response_store.tail import ANYTHING, MAX_HOLD_SECONDS, Tail

__all__ = ["ANYTHING", "LEASE_SECONDS", "MAX_HOLD_SECONDS", "Hold", "ResponseStore", "StoreUnavailable"]


LEASE_SECONDS = 2.0
"""A process is available for this time after it has seen that the engine accepts writes. It looks every second."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The announcement that tags may move at any moment. Its id is its position in the stream, or 0 without one."""

    id: int
    tags: frozenset[str]

    @property
    def is_announced(self) -> bool:
        """Whether other processes know of it."""
        return self.id > 0


class ResponseStore(ABC):
    """Stores responses by keys of printable ASCII. Tags are short texts without spaces, such as `Post:123`."""

    tail: Tail
    """The part of the stream of announcements that this process has read."""

    @property
    @abstractmethod
    def failures(self) -> int:
        """The number of calls that the engine did not answer."""

    @property
    @abstractmethod
    def is_available(self) -> bool:
        """Whether calls reach the engine. If not, callers work without the store at once."""

    @abstractmethod
    def read(self, key: str) -> Awaitable[bytes | None]:
        """Returns the value. Then `tail` contains everything that was appended before the call began.

        Raises `StoreUnavailable`.
        """

    @abstractmethod
    def refresh(self) -> Awaitable[object]:
        """Reads the stream. Then `tail` contains everything that was appended before the call began.

        Raises `StoreUnavailable`.
        """

    @abstractmethod
    async def write(self, key: str, value: bytes, milliseconds: int) -> None:
        """Stores a value with a time to live. Never raises; a failure is counted."""

    @abstractmethod
    async def acquire(self, key: str, milliseconds: int) -> bool:
        """Takes the lock of a key for some time, and returns whether it was free. Raises `StoreUnavailable`."""

    @abstractmethod
    async def release(self, key: str) -> None:
        """Frees the lock of a key. Never raises."""

    @abstractmethod
    async def announce(self, tags: Collection[str]) -> bool:
        """Appends tags to the stream.

        Returns True if every later read of every process sees them. Otherwise the engine does not append, and the tags
        are appended before this process is available again. Then it returns `LEASE_SECONDS` after the first failure:
        until then other processes may not have noticed that nothing is appended.
        """

    @abstractmethod
    async def hold(self, tags: Collection[str], seconds: float) -> Hold:
        """Announces before a commit that tags may move at any moment until the seconds are over.

        No response with these tags is current in this time unless the hold is confirmed, even if this process dies.
        Never raises: without an answer, or for more than `MAX_HOLD_SECONDS`, the hold is not announced. Then it returns
        as late as `announce`.
        """

    @abstractmethod
    async def confirm(self, hold: Hold) -> bool:
        """Ends a hold after the commit: its tags have moved. Returns False in the same case as `announce`."""

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""
