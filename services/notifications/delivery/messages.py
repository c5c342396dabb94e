"""Writes the messages of a notification."""

from html import escape

from adapters.mail import MailMessage
from adapters.push import PushMessage
from core.global_ids import global_id
from models.notifications import NotificationRow
from services.notifications.delivery.destinations import Destination, FoundNotification
from services.notifications.texts import text_of


def push_message(found: FoundNotification, destination: Destination, link: str) -> PushMessage:
    """Returns the push notification for a phone. `link` is the beginning of the address that the app opens."""
    notification_id = _id(found.notification)
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


def mail_message(found: FoundNotification, destination: Destination, link: str) -> MailMessage:
    """Returns the mail for a mailbox. `link` is the beginning of the address that the app opens."""
    text = text_of(found.notification, destination.language)
    notification_id = _id(found.notification)
    address = link + notification_id
    html = (
        f'<!doctype html><html lang="{destination.language}"><body dir="auto"><p>{escape(text)}</p>'
        f'<p><a href="{escape(address)}">{escape(address)}</a></p></body></html>'
    )
    return MailMessage(
        to=destination.address,
        subject=text,
        text=f"{text}\n\n{address}\n",
        html=html,
        notification_id=notification_id,
        unsubscribe_url=None,
    )


def _id(notification: NotificationRow) -> str:
    return global_id("Notification", notification["owner_id"], notification["id"])
