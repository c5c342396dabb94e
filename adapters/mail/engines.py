"""Opens the engine of mails by its URL, and bounds its calls."""

import ssl
from email.headerregistry import Address
from urllib.parse import parse_qsl, unquote, urlsplit

from adapters.bounded import BoundedCalls
from adapters.checks import Checked, checked
from adapters.mail.base import MailEngine, MailMessage
from adapters.mail.composing import read_sender
from adapters.mail.log import LogMail
from adapters.outcomes import Outcome
from adapters.tls import permit_clear_text, trusting
from core.clock import Clock
from core.errors import SettingsError
from core.settings import Settings

URL, FROM = "BFF_MAIL_URL", "BFF_MAIL_FROM"
CALLS = 10
"""Maximum connections to the mail server at once per process."""

_LOG = "log://"
_PORTS = {"smtp": 587, "smtps": 465}
_EXAMPLE = f"{URL}: this is not a URL like smtp://user:password@mail.example:587"


class Mail:
    """Sends mails within bounds. It raises no error."""

    def __init__(self, engine: MailEngine, deadline: float) -> None:
        self.engine = engine
        self._deadline = deadline
        self.calls = BoundedCalls(engine.name, deadline, CALLS)

    async def send(self, message: MailMessage) -> Outcome:
        """Sends a mail within the bounds, and returns its outcome."""
        return await self.calls.outcome(lambda: self.engine.send(message))

    async def check(self) -> Checked:
        """Connects to the server and authenticates, without sending a mail."""
        return await checked(self.engine.name, self.engine.check, self._deadline)


def open_mail(settings: Settings, clock: Clock) -> Mail | None:
    """Returns the engine of `settings.mail_url`. It connects for each mail. None: no mail is sent.

    Raises `SettingsError`.
    """
    url = settings.mail_url or ("" if settings.env == "production" else _LOG)
    if not url:
        return None
    if url == _LOG:
        return Mail(LogMail(), settings.mail_deadline)
    scheme, separator, _ = url.partition("://")
    if scheme not in _PORTS or not separator:
        raise SettingsError(f"{URL}: use smtp://, smtps:// or log://")
    return Mail(_open_smtp(url, settings, clock), settings.mail_deadline)


def _open_smtp(url: str, settings: Settings, clock: Clock) -> MailEngine:
    from adapters.mail.smtp import SmtpAddress, SmtpMail  # noqa: PLC0415 - aiosmtplib is needed here only

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        given = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise SettingsError(_EXAMPLE) from None
    starttls = given.pop("starttls", "required")
    ca = given.pop("ca", None)
    if not host or parts.path not in ("", "/") or parts.fragment or given or starttls not in ("required", "none"):
        raise SettingsError(_EXAMPLE)
    if (parts.username is None) != (parts.password is None):
        raise SettingsError(f"{URL}: name a user and a password, or none of both")
    tls = "implicit" if parts.scheme == "smtps" else "starttls" if starttls == "required" else "none"
    if tls == "none" and parts.password is not None:
        raise SettingsError(f"{URL}: a password needs TLS")
    if tls == "none":
        permit_clear_text(settings, URL, host)
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    address = SmtpAddress(host, port, user, password, tls)
    context = ssl.create_default_context() if ca is None else trusting(URL, ca)
    return SmtpMail(address, _sender(settings), settings.mail_deadline, clock, context)


def _sender(settings: Settings) -> Address:
    try:
        return read_sender(settings.mail_from)
    except ValueError:
        raise SettingsError(f"{FROM}: this is not an address like Example <no-reply@example.com>") from None
