"""Registers push tokens."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from core import text
from core.errors import invalid_input
from core.viewer import SignedIn
from events import PushTokenRegistered
from models.users import DEVICE_COLUMNS, DeviceRow
from services.resources import Resources
from services.security.blind_indexes import lock_indexes
from services.unit_of_work import UnitOfWork
from services.users.devices import session_expired

MAX_PUSH_TOKEN_LENGTH = 4096

_LOCK_DEVICE = (
    f"SELECT {DEVICE_COLUMNS.sql()}, true AS current FROM devices d WHERE d.owner_id = $1 AND d.id = $2 FOR UPDATE OF d"  # noqa: S608 - built from constants
)
_DELETE_PREVIOUS = (
    "DELETE FROM push_tokens WHERE (user_id, device_id) IN (SELECT user_id, device_id FROM push_tokens "
    "WHERE (user_id = $1 AND device_id = $2) OR push_index = ANY($3) ORDER BY push_index FOR UPDATE)"
)
_REGISTER = (
    "INSERT INTO push_tokens (push_index, user_id, device_id, provider, token, registered_at) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (push_index) DO UPDATE SET user_id = excluded.user_id, "
    "device_id = excluded.device_id, provider = excluded.provider, token = excluded.token, "
    "registered_at = excluded.registered_at"
)

RegisterPushTokenSuccessRow = TypedDict(
    "RegisterPushTokenSuccessRow", {"__typename": Literal["RegisterPushTokenSuccess"], "device": DeviceRow}
)


@dataclass(frozen=True, slots=True)
class PushToken:
    """A token that a platform gave to an app; `provider` is FCM or APNS."""

    token: str
    provider: str


async def register_push_token(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, push_token: PushToken
) -> RegisterPushTokenSuccessRow:
    """Registers the push token of the viewer's device. Raises `ProblemError` if the token is invalid.

    A token reaches one app on one phone, so it belongs to the device that registered it last. The previous device gets
    no push notifications any more.
    """
    token = push_token.token
    if text.line(token, max_length=MAX_PUSH_TOKEN_LENGTH) != token or any(map(str.isspace, token)):
        raise invalid_input("input.token", "Send the token as the platform gave it.")
    transaction, indexes = await work.transaction(), resources.vault.push_token_indexes(token)
    key = (viewer.user_id, viewer.device_id)
    rows = await transaction.fetch(_LOCK_DEVICE, *key)
    if not rows:
        raise session_expired()
    await lock_indexes(transaction, indexes)
    await transaction.fetch(_DELETE_PREVIOUS, *key, indexes)
    sealed = resources.vault.seal(viewer.user_id, token)
    await transaction.fetch(_REGISTER, indexes[0], *key, push_token.provider, sealed, resources.clock())
    work.emit(PushTokenRegistered(actor_id=viewer.user_id, device_id=viewer.device_id))
    device: DeviceRow = rows[0]
    device["push_enabled"] = True
    return {"__typename": "RegisterPushTokenSuccess", "device": device}
