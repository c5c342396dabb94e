"""The outcomes of sending a message: a push notification or a mail."""

from typing import NamedTuple


class Sent(NamedTuple):
    """The provider has accepted the message."""


class Dead(NamedTuple):
    """The address does not exist any more, and no message should be sent to it again."""


class Later(NamedTuple):
    """The message was not accepted, or it is not known whether it was. Another attempt may succeed after `seconds`."""

    seconds: float
    cause: str
    """A text for logs, without addresses and personal data."""


class Rejected(NamedTuple):
    """The provider does not accept the message, and another attempt would change nothing. `code` is for logs."""

    code: str


Outcome = Sent | Dead | Later | Rejected


class ServerUnavailable(Exception):
    """The server was not reached, did not answer, or answered that it cannot work now.

    The message is the cause, without addresses, secrets and personal data. `seconds` is the pause that the server asks
    for, or None.
    """

    def __init__(self, cause: str, seconds: float | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.seconds = seconds


class CredentialsRejected(ServerUnavailable):
    """The server answered that it does not accept the key, the account or the password of the settings."""
