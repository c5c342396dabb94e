"""The interface of a CDN."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class CdnUnavailable(Exception):
    """The CDN has not confirmed a purge. The message is the cause, without addresses and secrets."""


class Cdn(ABC):
    """Stores responses with their tags."""

    @abstractmethod
    async def purge(self, tags: Sequence[str]) -> None:
        """Makes the CDN forget all responses that have one of these tags. Raises `CdnUnavailable`."""
