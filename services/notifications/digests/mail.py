"""Writes the mail of a digest."""

from collections.abc import Sequence

from adapters.mail import MailMessage
from core.i18n import messages
from models.notifications import NotificationRow
from services.notifications.delivery.mail_texts import Line, mail_texts
from services.notifications.delivery.messages import notification_id_of
from services.notifications.digests.contents import Mailbox
from services.notifications.texts import text_of

MAX_LISTED = 20
"""Maximum notifications that a digest lists. It counts the others."""


def digest_message(
    mail_id: str, mailbox: Mailbox, found: Sequence[NotificationRow], link: str, unsubscribe_url: str | None
) -> MailMessage:
    """Returns the mail that lists notifications. `link` is the beginning of the address that the app opens."""
    of_language = messages(mailbox.language)
    lines = [Line(text_of(each, mailbox.language), link + notification_id_of(each)) for each in found[:MAX_LISTED]]
    others = len(found) - len(lines)
    more = of_language.counted("DIGEST_MORE", others) if others else None
    texts = mail_texts(mailbox.language, lines, more, unsubscribe_url)
    return MailMessage(
        to=mailbox.address,
        subject=of_language.counted("DIGEST_SUBJECT", len(found)),
        text=texts.plain,
        html=texts.html,
        mail_id=mail_id,
        unsubscribe_url=unsubscribe_url,
    )
