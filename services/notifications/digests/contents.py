"""Reads what a digest contains: the mailbox of its recipient, and the notifications that no mail has told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from adapters.database import Queries
from core.i18n import language_of
from models.notifications import (
    ALWAYS_SENT,
    KEPT,
    NOT_HIDDEN,
    NOTIFICATION_COLUMNS,
    NOTIFICATION_TABLES,
    UNREAD,
    UNSEEN,
    NotificationPreferencesRow,
    NotificationRow,
)
from services.notifications.delivery.destinations import LATEST_LOCALE
from services.notifications.delivery.plan import is_sendable
from services.security.vault import Vault

MAX_COUNTED = 1000
"""Maximum notifications that a digest counts, the newest ones."""

_MAX_AGE = timedelta(days=7)
"""A digest contains no notifications whose latest event was longer before it was due."""

_MAILBOX = (
    f"SELECT c.email, {LATEST_LOCALE} AS locale, x.state, x.attempts FROM credentials c "  # noqa: S608 - built from constants
    "LEFT JOIN notification_digests x ON x.owner_id = c.user_id AND x.period_id = $2 WHERE c.user_id = $1"
)
_NEWEST = (
    f"SELECT n.id FROM notifications n WHERE n.owner_id = $1 AND n.kind = ANY($2) AND {UNSEEN} AND {UNREAD} "  # noqa: S608 - as above
    f"AND {KEPT} ORDER BY n.id DESC LIMIT {MAX_COUNTED}"
)
_TOLD = (
    "EXISTS (SELECT 1 FROM notification_deliveries x WHERE x.owner_id = n.owner_id AND x.notification_id = n.id "
    "AND x.channel = 'EMAIL' AND x.device_id = 0 AND x.shown_at >= n.created_at)"
)
_COLLECTED = (
    f"SELECT {NOTIFICATION_COLUMNS.sql()} FROM {NOTIFICATION_TABLES} WHERE n.owner_id = $1 AND n.id IN ({_NEWEST}) "  # noqa: S608 - as above
    f"AND n.created_at > $3 AND NOT {_TOLD} AND {NOT_HIDDEN} ORDER BY n.id DESC"
)


class Mailbox(NamedTuple):
    """The mailbox of the recipient of a digest, and how often the digest was sent to it. `state` is None at first."""

    address: str
    language: str
    state: str | None
    attempts: int


async def find_digest_mailbox(queries: Queries, vault: Vault, owner_id: int, period_id: int) -> Mailbox | None:
    """Returns the mailbox of a user, or None if the account was deleted."""
    rows = await queries.fetch(_MAILBOX, owner_id, period_id)
    if not rows:
        return None
    row = rows[0]
    address = vault.open(owner_id, bytes(row["email"]))
    return Mailbox(address, language_of(row["locale"]), row["state"], row["attempts"] or 0)


async def collected(
    queries: Queries, owner_id: int, preferences: NotificationPreferencesRow, due_at: datetime
) -> Sequence[NotificationRow]:
    """Returns the notifications of a digest, newest first, up to `MAX_COUNTED`.

    They were neither seen nor archived, blocks do not hide them, their kinds are sent by mail, and no mail has told
    their latest event.
    """
    kinds = [each["kind"] for each in preferences["channels"] if each["email"] and each["kind"] not in ALWAYS_SENT]
    rows: list[NotificationRow] = await queries.fetch(_COLLECTED, owner_id, kinds, due_at - _MAX_AGE)
    return [row for row in rows if is_sendable(row, None)]
