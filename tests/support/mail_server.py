"""A mail server on this machine, with STARTTLS, with TLS from the beginning, or without TLS."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.certificates import Certificate, self_signed

USER, PASSWORD = "user", "p@ss:word/1"


class MailServer:
    """Keeps the mails that it got, and answers recipients as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.certificate: Certificate = self_signed(folder, "mail")
        self.port = 0
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.sender_answer = "250 OK"
        self.recipient_answer = "250 OK"
        self.data_answer = "250 OK"
        self.hangs = False
        """Whether recipients wait for an answer until `released`."""
        self.hangs_at_end = False
        """Whether the end of a session waits for an answer until `released`."""
        self.hangs_after_data = False
        """Whether mails that were taken wait for an answer until `released`."""
        self.released = asyncio.Event()

    def url(self, scheme: str = "smtp", names: str = "") -> str:
        ca = f"?ca={self.certificate.certificate}{names}"
        return f"{scheme}://user:p%40ss%3Aword%2F1@localhost:{self.port}{ca}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(_content(envelope), EmailMessage, policy=POLICY) for envelope in self.envelopes]

    def check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        given = (login.login.decode(), login.password.decode())
        return AuthResult(success=given == (USER, PASSWORD), handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str], /
    ) -> str:
        if self.sender_answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.sender_answer

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str], /
    ) -> str:
        if self.hangs:
            await self.released.wait()
        if self.recipient_answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope, /) -> str:  # noqa: N802 - as above
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        if self.hangs_after_data:
            await self.released.wait()
        return self.data_answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope, /) -> str:  # noqa: N802 - as above
        if self.hangs_at_end:
            await self.released.wait()
        return "221 Bye"


def _content(envelope: Envelope) -> bytes:
    assert isinstance(envelope.content, bytes)
    return envelope.content.replace(b"\r\n", b"\n")


@asynccontextmanager
async def mail_server(folder: Path, tls: str = "starttls") -> AsyncGenerator[MailServer]:
    """Serves mail in the event loop of the test. `tls` is `starttls`, `implicit` or `none`."""
    made = MailServer(folder)
    async with serving_mail(made, tls):
        yield made


@asynccontextmanager
async def serving_mail(made: MailServer, tls: str = "starttls") -> AsyncGenerator[None]:
    loop = asyncio.get_running_loop()
    context = made.certificate.server_tls()

    def protocol() -> SMTP:
        return SMTP(
            made,
            hostname="localhost",
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            auth_required=tls == "starttls",
            auth_require_tls=tls == "starttls",
            authenticator=made.check_login,
            enable_SMTPUTF8=False,
            loop=loop,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if tls == "implicit" else None)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        made.released.set()
        server.close()
        await server.wait_closed()
