"""The interface of an engine that sends push notifications."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from adapters.outcomes import Outcome

APNS = "APNS"
FCM = "FCM"
PROVIDERS = (APNS, FCM)
"""The providers of push tokens: Apple and Google."""

MAX_PAYLOAD_BYTES = 4096
"""Maximum bytes of a payload, for both providers."""

LIFETIME_SECONDS = 86_400
"""Seconds for which a provider stores a notification for a phone that is switched off."""


class PushMessage(NamedTuple):
    """A notification for one phone. The texts are those that the phone shows.

    A phone shows only the last one of the notifications with the same `collapse_key`. `badge` is the number on the
    icon of the app, and `link` the address that the app opens. `token` and the texts are personal data.
    """

    provider: str
    token: str
    title: str | None
    body: str
    badge: int
    collapse_key: str
    link: str
    notification_id: str


class PushEngine(ABC):
    """Sends notifications to the phones of some providers."""

    name: str
    """The name of the engine in logs."""

    providers: Sequence[str]
    """The providers whose tokens it knows."""

    @abstractmethod
    async def send(self, message: PushMessage) -> Outcome:
        """Sends a notification. Raises `ServerUnavailable`; every other answer of the provider is an outcome."""

    async def check(self) -> None:  # noqa: B027 - engines may have no server
        """Connects and authenticates, without sending a notification. Raises `ServerUnavailable`."""

    async def close(self) -> None:  # noqa: B027 - engines may have nothing to close
        """Closes connections."""
