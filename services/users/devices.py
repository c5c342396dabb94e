"""Signing out, here and elsewhere, and where notifications are pushed to."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from core import text
from core.errors import ProblemCode, Refusal, invalid_input, not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import PushTokenRegistered
from models.users import DEVICE_COLUMNS, DeviceRow
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.ending import end_sessions, other_devices

LONGEST_PUSH_TOKEN = 4096

_TAKE_ELSEWHERE = (
    "UPDATE devices SET push_token = NULL, push_provider = NULL, push_index = NULL "
    "WHERE push_index = ANY($1) AND NOT (owner_id = $2 AND id = $3)"
)
_REGISTER = (
    "UPDATE devices SET push_provider = $3, push_token = $4, push_index = $5 WHERE owner_id = $1 AND id = $2 "  # noqa: S608 - built from constants
    f"RETURNING {DEVICE_COLUMNS.replace('d.', '')}, true AS current"
)

EndedRow = TypedDict(
    "EndedRow", {"__typename": Literal["LogOutSuccess", "RevokeDeviceSuccess"], "owner_id": int, "id": int}
)
OthersEndedRow = TypedDict(
    "OthersEndedRow", {"__typename": Literal["RevokeOtherDevicesSuccess"], "owner_id": int, "ids": list[int]}
)
RegisterPushTokenSuccessRow = TypedDict(
    "RegisterPushTokenSuccessRow", {"__typename": Literal["RegisterPushTokenSuccess"], "device": DeviceRow}
)


@dataclass(frozen=True, slots=True)
class PushToken:
    """What a platform gave an app to be reached by; `provider` is FCM or APNS."""

    token: str
    provider: str


async def log_out(viewer: SignedIn, work: UnitOfWork, resources: Resources) -> EndedRow:
    """Ends the session that asks. `Refusal` when it has ended already."""
    if not await end_sessions(work, resources, viewer.user_id, [viewer.device_id]):
        raise session_expired()
    return {"__typename": "LogOutSuccess", "owner_id": viewer.user_id, "id": viewer.device_id}


async def revoke_device(viewer: SignedIn, work: UnitOfWork, resources: Resources, device_id: GlobalId) -> EndedRow:
    """Ends the session of one of the viewer's devices. `Refusal` when they have no such device."""
    theirs = device_id.owner_id == viewer.user_id
    if not theirs or not await end_sessions(work, resources, viewer.user_id, [device_id.id]):
        raise not_found("input.deviceId", "There is no such device.")
    return {"__typename": "RevokeDeviceSuccess", "owner_id": viewer.user_id, "id": device_id.id}


async def revoke_other_devices(viewer: SignedIn, work: UnitOfWork, resources: Resources) -> OthersEndedRow:
    """Ends all sessions of the viewer but the one that asks."""
    others = await other_devices(await work.writing(), viewer.user_id, viewer.device_id)
    ended = await end_sessions(work, resources, viewer.user_id, others)
    return {"__typename": "RevokeOtherDevicesSuccess", "owner_id": viewer.user_id, "ids": sorted(ended)}


async def register_push_token(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, wanted: PushToken
) -> RegisterPushTokenSuccessRow:
    """Has notifications pushed to the device that asks. `Refusal` when the token cannot be one.

    The token reaches one app on one phone, so whoever was signed in there before is not told anything there any more.
    """
    token = wanted.token
    if text.line(token, longest=LONGEST_PUSH_TOKEN) != token or any(map(str.isspace, token)):
        raise invalid_input("input.token", "Send the token as the platform gave it.")
    transaction = await work.writing()
    indexes = resources.vault.push_token_indexes(token)
    await transaction.fetch(_TAKE_ELSEWHERE, indexes, viewer.user_id, viewer.device_id)
    sealed = resources.vault.seal(viewer.user_id, token)
    key = (viewer.user_id, viewer.device_id)
    rows = await transaction.fetch(_REGISTER, *key, wanted.provider, sealed, indexes[0])
    if not rows:
        raise session_expired()
    work.emit(PushTokenRegistered(actor_id=viewer.user_id, device_id=viewer.device_id))
    return {"__typename": "RegisterPushTokenSuccess", "device": rows[0]}


def session_expired() -> Refusal:
    return Refusal(
        "SessionExpiredProblem",
        ProblemCode.SESSION_EXPIRED,
        "This device is not signed in any more. Sign in again.",
        None,
    )
