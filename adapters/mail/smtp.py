"""`smtp://…` and `smtps://…`: a mail server."""

import asyncio
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from typing import NamedTuple

import aiosmtplib

from adapters.mail.base import MailEngine, MailMessage
from adapters.mail.composing import compose, read_address
from adapters.outcomes import CredentialsRejected, Dead, Later, Outcome, Rejected, Sent, ServerUnavailable
from core.clock import Clock

_PERMANENT = 500
_NO_MAILBOX = 550
_ENHANCED_NO_MAILBOX = "5.1.1"
_QUIT_SECONDS = 1.0
"""Maximum seconds of the end of a session."""

_PAUSE_SECONDS = 300.0
"""Seconds until another attempt after a temporary rejection, such as greylisting."""


class SmtpAddress(NamedTuple):
    """A mail server. `tls` is `implicit`, `starttls`, or `none`, which is for servers in the same machine."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str


class SmtpMail(MailEngine):
    """Sends mails by a server, with a connection for each mail. It verifies the certificate of the server."""

    name = "smtp"

    def __init__(
        self, address: SmtpAddress, sender: Address, deadline: float, clock: Clock, tls: ssl.SSLContext
    ) -> None:
        self._address = address
        self._sender = sender
        self._deadline = deadline
        self._clock = clock
        self._tls = tls

    async def send(self, message: MailMessage) -> Outcome:
        try:
            recipient = read_address(message.to)
        except ValueError:
            return Rejected("ADDRESS")
        mail = compose(message, self._sender, recipient, self._clock())
        try:
            await self._send(mail, recipient)
        except aiosmtplib.SMTPNotSupported:
            return Rejected("SMTPUTF8")
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _rejected(error.recipients[0])
        except aiosmtplib.SMTPDataError as error:
            return _rejected(error)
        except aiosmtplib.SMTPResponseException as error:
            raise ServerUnavailable(f"{type(error).__name__} {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerUnavailable(type(error).__name__) from error
        return Sent()

    async def check(self) -> None:
        try:
            async with self._connection() as connection:
                await connection.noop()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise CredentialsRejected(f"status {error.code}") from error
        except aiosmtplib.SMTPResponseException as error:
            raise ServerUnavailable(f"{type(error).__name__} {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise ServerUnavailable(type(error).__name__) from error

    async def _send(self, mail: EmailMessage, recipient: Address) -> None:
        connection = self._connection()
        try:
            await connection.connect()
            await connection.send_message(mail, sender=self._sender.addr_spec, recipients=[recipient.addr_spec])
            await _quit(connection)
        finally:
            connection.close()

    def _connection(self) -> aiosmtplib.SMTP:
        """Returns a connection that is not open. It uses TLS and signs in, as the address says."""
        address = self._address
        return aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            local_hostname=self._sender.domain,
            timeout=self._deadline,
            use_tls=address.tls == "implicit",
            start_tls=address.tls == "starttls",
            tls_context=self._tls,
        )


async def _quit(connection: aiosmtplib.SMTP) -> None:
    """Ends a session. The mail is accepted already, so no failure counts any more."""
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(_QUIT_SECONDS):
            await connection.quit()


def _rejected(error: aiosmtplib.SMTPResponseException) -> Outcome:
    """Returns the outcome of an answer to a recipient or a mail."""
    if error.code < _PERMANENT:
        return Later(_PAUSE_SECONDS, f"status {error.code}")
    if error.code == _NO_MAILBOX and error.message.startswith(_ENHANCED_NO_MAILBOX):
        return Dead()
    return Rejected(f"status {error.code}")
