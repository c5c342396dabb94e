"""Reads a notification and the phones and the mailbox to which it is delivered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from adapters.database import Queries
from core.i18n import language_of
from models.notifications import NOT_HIDDEN, NOTIFICATION_COLUMNS, NOTIFICATION_TABLES, NotificationRow, badge_count
from models.users import SIGNED_IN
from services.notifications.delivery.plan import DeliveryChannel, DeliveryRecord
from services.security.vault import Vault

NO_DEVICE = 0
"""The device id of deliveries to a mailbox."""

_FIND = (
    f"SELECT {NOTIFICATION_COLUMNS.sql()}, n.archived_at, "  # noqa: S608 - built from constants
    f"(SELECT {badge_count('unseen')} FROM users u LEFT JOIN notification_counts n ON n.owner_id = u.id "
    "WHERE u.id = $1) AS badge "
    f"FROM {NOTIFICATION_TABLES} WHERE n.owner_id = $1 AND n.id = $2 AND {NOT_HIDDEN}"
)
_DELIVERY = "x.state, x.attempts, x.sent, x.sent_at, x.shown_at, x.due_at"
_PHONES = (
    "SELECT p.push_index, p.device_id, p.provider, p.token, d.locale, "  # noqa: S608 - as above
    f"x.state = 'DEAD' AND p.registered_at < x.begun_at AS is_dead, {_DELIVERY} FROM push_tokens p "
    f"JOIN devices d ON d.owner_id = p.user_id AND d.id = p.device_id AND {SIGNED_IN} "
    "LEFT JOIN notification_deliveries x ON x.owner_id = p.user_id AND x.notification_id = $2 "
    "AND x.channel = 'PUSH' AND x.device_id = p.device_id "
    "WHERE p.user_id = $1 AND p.provider = ANY($3) ORDER BY p.push_index"
)
LATEST_LOCALE = (
    "(SELECT d.locale FROM devices d WHERE d.owner_id = c.user_id ORDER BY d.created_at DESC, d.id DESC LIMIT 1)"
)
"""An SQL expression for the locale of the newest device, from `credentials c`."""
_FIRST_LOCALE = "(SELECT d.locale FROM devices d WHERE d.owner_id = c.user_id ORDER BY d.created_at, d.id LIMIT 1)"
"""The same of the oldest device. Security events are told in it, because the newest device may be an attacker's."""


def _mailbox(locale: str) -> str:
    return (
        f"SELECT c.email, {locale} AS locale, {_DELIVERY} FROM credentials c "  # noqa: S608 - as above
        "LEFT JOIN notification_deliveries x ON x.owner_id = c.user_id AND x.notification_id = $2 "
        "AND x.channel = 'EMAIL' AND x.device_id = 0 WHERE c.user_id = $1"
    )


_MAILBOX, _MAILBOX_OF_SECURITY = _mailbox(LATEST_LOCALE), _mailbox(_FIRST_LOCALE)


class FoundNotification(NamedTuple):
    """A notification, with the number of visible notifications that its recipient has not seen."""

    notification: NotificationRow
    archived_at: datetime | None
    badge: int


class Destination(NamedTuple):
    """A phone or a mailbox: `address` is the push token or the mail address. `provider` is that of the token.

    `push_index` names the token in the table, and is empty for a mailbox. `language` is that of the phone; for a
    mailbox, that of the newest device. `is_dead`: a worker has recorded that the token is dead, and was
    killed before it deleted the token.
    """

    channel: DeliveryChannel
    device_id: int
    address: str
    provider: str
    push_index: str
    language: str
    delivery: DeliveryRecord | None
    is_dead: bool = False


async def find_notification(queries: Queries, owner_id: int, notification_id: int) -> FoundNotification | None:
    """Returns a notification, archived or not. None if there is none, or if blocks hide it."""
    rows = await queries.fetch(_FIND, owner_id, notification_id)
    if not rows:
        return None
    row: Any = rows[0]
    return FoundNotification(row, row["archived_at"], max(0, row["badge"] or 0))


async def find_phones(
    queries: Queries, vault: Vault, notification: NotificationRow, providers: Sequence[str]
) -> list[Destination]:
    """Returns the phones of the recipient that are signed in, and have a push token of one of the providers."""
    owner_id = notification["owner_id"]
    rows = await queries.fetch(_PHONES, owner_id, notification["id"], list(providers))
    return [
        Destination(
            DeliveryChannel.PUSH,
            row["device_id"],
            vault.open(owner_id, bytes(row["token"])),
            row["provider"],
            row["push_index"],
            language_of(row["locale"]),
            _delivery(row),
            bool(row["is_dead"]),
        )
        for row in rows
    ]


async def find_mailbox(queries: Queries, vault: Vault, notification: NotificationRow) -> list[Destination]:
    """Returns the mailbox of the recipient; an empty list if the account was deleted."""
    owner_id = notification["owner_id"]
    sql = _MAILBOX_OF_SECURITY if notification["kind"] == "SECURITY" else _MAILBOX
    rows = await queries.fetch(sql, owner_id, notification["id"])
    return [
        Destination(
            DeliveryChannel.EMAIL,
            NO_DEVICE,
            vault.open(owner_id, bytes(row["email"])),
            "",
            "",
            language_of(row["locale"]),
            _delivery(row),
        )
        for row in rows
    ]


def _delivery(row: dict[str, Any]) -> DeliveryRecord | None:
    return None if row["state"] is None else DeliveryRecord(*(row[name] for name in DeliveryRecord._fields))
