"""What a store does for the floors above, whichever engine it is."""

from abc import ABC, abstractmethod

LONGEST = 64 * 1024
"""Letters of a text that is kept."""


class KeyValueCache(ABC):
    """Texts by keys of printable ASCII. It raises nothing when the engine is gone: then nothing is found."""

    @abstractmethod
    def known(self, key: str) -> str | None:
        """What this process holds; without waiting."""

    @abstractmethod
    async def get(self, key: str) -> str | None:
        """What any process has put there lately."""

    @abstractmethod
    async def put(self, key: str, text: str) -> None:
        """Keeps a text, unless it is longer than `LONGEST`."""

    @abstractmethod
    async def close(self) -> None:
        """Lets go of the engine."""
