"""Composes mails: plain text with HTML as the alternative."""

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime

from adapters.mail.base import MailMessage
from adapters.mail.subjects import subject_line
from core import text

_MAX_NAME = 200
"""Maximum code points of the sender's name."""

_NO_SUBJECT = "-"
_URL = re.compile(r"https://[!-;=?-~]{1,900}")
"""An address that fits in a line of 998 bytes, the longest that mail servers accept."""

_SENDER = re.compile(r"([^<>\"@,\r\n]*)<([^<>]+)>|([^<>]+)")
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\"]{1,64}")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


class _WholeLine(UnstructuredHeader, BaseHeader):
    """A header that is sent in one line. The library would encode a long address in words, which no client reads."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WholeLine)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def read_sender(value: str) -> Address:
    """Returns the address of a text like `Example <no-reply@example.com>`. Raises `ValueError`."""
    parts = _SENDER.fullmatch(value)
    if parts is None:
        raise ValueError("this is not an address")
    return read_address(parts[2] or parts[3], parts[1] or "")


def read_address(address: str, name: str = "") -> Address:
    """Returns an address, with its domain in ASCII. Raises `ValueError` if it is not one address."""
    local, _, domain = address.rpartition("@")
    ascii_domain = domain.encode("idna").decode()
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(ascii_domain) or "\ufffd" in local:
        raise ValueError("this is not an address")
    return Address(text.visible_line(name, max_length=_MAX_NAME) or "", local, ascii_domain)


def compose(message: MailMessage, sender: Address, recipient: Address, now: datetime) -> EmailMessage:
    """Returns the mail. No text of the message can add a header or a recipient.

    Raises `ValueError` for an `unsubscribe_url` that is not an address with https. The Message-ID is the same for each
    attempt to send a mail to a recipient.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = subject_line(message.subject) or _NO_SUBJECT
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_key(message)}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_url is not None:
        if not _URL.fullmatch(message.unsubscribe_url):
            raise ValueError("the address for unsubscribing is not a URL")
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def message_key(message: MailMessage) -> str:
    """Returns 32 hexadecimal digits that depend on the id of the mail and the recipient only."""
    return hashlib.sha256(f"{message.mail_id}\n{message.to}".encode()).hexdigest()[:32]
