"""The texts of mails, as plain text and as HTML."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from core.i18n import messages


class Line(NamedTuple):
    """A sentence about a notification, and the address that opens it."""

    text: str
    address: str


class MailTexts(NamedTuple):
    """A mail as plain text and as HTML."""

    plain: str
    html: str


def mail_texts(language: str, lines: Sequence[Line], more: str | None, unsubscribe_url: str | None) -> MailTexts:
    """Returns the texts of a mail with a paragraph for each line.

    `more` follows the lines, and the link for unsubscribing is the end. Each is missing if it is None.
    """
    of_language = messages(language)
    plain = [f"{line.text}\n\n{line.address}\n" for line in lines]
    html = [f"<p>{escape(line.text)}</p><p>{_linked(line.address, line.address)}</p>" for line in lines]
    if more is not None:
        plain.append(f"{more}\n")
        html.append(f"<p>{escape(more)}</p>")
    if unsubscribe_url is not None:
        label = of_language.text("UNSUBSCRIBE")
        plain.append(f"-- \n{label}:\n{unsubscribe_url}\n")
        html.append(f"<hr><p>{_linked(unsubscribe_url, label)}</p>")
    head = f'<!doctype html><html lang="{language}" dir="{of_language.direction}"><body>'
    return MailTexts("\n".join(plain), f"{head}{''.join(html)}</body></html>")


def _linked(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'
