"""The interface of the key-value cache."""

from abc import ABC, abstractmethod

MAX_LENGTH = 64 * 1024
"""Maximum characters of a text."""


class KeyValueCache(ABC):
    """Stores texts by keys of printable ASCII. If the engine does not answer, no text is found."""

    @abstractmethod
    def get_local(self, key: str) -> str | None:
        """Returns the text that this process has in memory, without waiting."""

    @abstractmethod
    async def get(self, key: str) -> str | None:
        """Returns the text that any process has stored."""

    @abstractmethod
    async def put(self, key: str, text: str) -> None:
        """Stores a text, unless it is longer than `MAX_LENGTH`."""

    @abstractmethod
    async def close(self) -> None:
        """Closes the connections to the engine."""
