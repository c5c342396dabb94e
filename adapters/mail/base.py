"""The interface of an engine that sends mails."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from adapters.outcomes import Outcome


class MailMessage(NamedTuple):
    """A mail to one address. `to`, `subject`, `text` and `html` are personal data.

    `mail_id` identifies the mail in logs, and is the same for each attempt to send it. `unsubscribe_url` is an address
    that accepts a POST without a session (RFC 8058). None: the mail has no such header.
    """

    to: str
    subject: str
    text: str
    html: str
    mail_id: str
    unsubscribe_url: str | None


class MailEngine(ABC):
    """Sends mails."""

    name: str
    """The name of the engine in logs."""

    @abstractmethod
    async def send(self, message: MailMessage) -> Outcome:
        """Sends a mail. Raises `ServerUnavailable`; every other answer of the server is an outcome."""

    async def check(self) -> None:  # noqa: B027 - engines may have no server
        """Connects and authenticates, without sending a mail. Raises `ServerUnavailable`."""
