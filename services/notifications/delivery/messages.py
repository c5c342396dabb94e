"""Writes the messages of a notification."""

from adapters.mail import MailMessage
from adapters.push import PushMessage
from core.global_ids import global_id
from models.notifications import NotificationRow
from services.notifications.delivery.destinations import Destination, FoundNotification
from services.notifications.delivery.mail_texts import Line, mail_texts
from services.notifications.texts import text_of


def push_message(found: FoundNotification, destination: Destination, link: str) -> PushMessage:
    """Returns the push notification for a phone. `link` is the beginning of the address that the app opens."""
    notification_id = notification_id_of(found.notification)
    return PushMessage(
        provider=destination.provider,
        token=destination.address,
        title=None,
        body=text_of(found.notification, destination.language),
        badge=found.badge,
        collapse_key=notification_id,
        link=link + notification_id,
        notification_id=notification_id,
    )


def mail_message(
    found: FoundNotification, destination: Destination, link: str, unsubscribe_url: str | None
) -> MailMessage:
    """Returns the mail for a mailbox. `link` is the beginning of the address that the app opens."""
    text = text_of(found.notification, destination.language)
    notification_id = notification_id_of(found.notification)
    texts = mail_texts(destination.language, [Line(text, link + notification_id)], None, unsubscribe_url)
    return MailMessage(
        to=destination.address,
        subject=text,
        text=texts.plain,
        html=texts.html,
        mail_id=notification_id,
        unsubscribe_url=unsubscribe_url,
    )


def notification_id_of(notification: NotificationRow) -> str:
    """Returns the global id of a notification."""
    return global_id("Notification", notification["owner_id"], notification["id"])
