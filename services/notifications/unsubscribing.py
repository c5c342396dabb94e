"""Turns off e-mails for the reader of a mail, who is not signed in: the token of a link names the account."""

from typing import NamedTuple

from core.viewer import SignedIn
from events import NotificationPreferencesUpdated
from models.notifications import ALWAYS_SENT, DEFAULT_CHANNELS
from services.notifications.changed_preferences import LOCK_OWNER
from services.notifications.delivery.destinations import NO_DEVICE
from services.notifications.unsubscribe_links import ALL_KINDS
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

_FIND_OWNER = "SELECT id FROM users WHERE id = $1"
_CHANNEL = {"owner_id": "bigint", "kind": "text", "in_app": "boolean", "push": "boolean", "email": "boolean"}
_TURN_OFF = (
    f"INSERT INTO channel_preferences ({', '.join(_CHANNEL)}) SELECT {', '.join(_CHANNEL)} FROM input_rows WHERE true "  # noqa: S608 - built from constants
    "ON CONFLICT (owner_id, kind) DO UPDATE SET email = excluded.email WHERE channel_preferences.email RETURNING kind"
)
"""Changes no other channel, so it undoes no change of another request."""


class Unsubscription(NamedTuple):
    """The e-mails that a link turns off: those of an account's notifications of a kind, or of all kinds of digests."""

    owner_id: int
    kind: str


async def find_unsubscription(resources: Resources, token: str) -> Unsubscription | None:
    """Returns what a token turns off, and changes nothing. None if it is invalid, or the account was deleted."""
    named = _read(resources, token)
    if named is None or not await resources.database.fetch(_FIND_OWNER, named.owner_id):
        return None
    return named


async def unsubscribe(resources: Resources, token: str) -> Unsubscription | None:
    """Turns off the e-mails that a token names, and returns them. A repeated call changes nothing.

    Returns None if the token is invalid, or the account was deleted.
    """
    named = _read(resources, token)
    if named is None:
        return None
    viewer = SignedIn(named.owner_id, NO_DEVICE)
    is_done = await in_unit_of_work(resources, lambda work: _turn_off(work, named), viewer)
    return named if is_done else None


def _read(resources: Resources, token: str) -> Unsubscription | None:
    found = resources.unsubscribe_tokens.read(token)
    if found is None or (found.name != ALL_KINDS and found.name not in DEFAULT_CHANNELS):
        return None
    return Unsubscription(found.owner_id, found.name)


async def _turn_off(work: UnitOfWork, named: Unsubscription) -> bool:
    """Stores the choice, also for kinds that are not mailed by default. Returns whether the account exists."""
    transaction = await work.transaction()
    if not await transaction.fetch(LOCK_OWNER, named.owner_id):
        return False
    kinds = sorted(DEFAULT_CHANNELS.keys() - ALWAYS_SENT.keys()) if named.kind == ALL_KINDS else [named.kind]
    rows = [(named.owner_id, kind, True, DEFAULT_CHANNELS[kind].push, False) for kind in kinds]
    changed = await transaction.fetch_with_rows(_TURN_OFF, _CHANNEL, rows)
    event = NotificationPreferencesUpdated(actor_id=named.owner_id)
    (work.emit if changed else work.repeat)(event)
    return True
