"""Signs devices out."""

from typing import Literal, TypedDict

from core.errors import ProblemCode, ProblemError, not_found
from core.global_ids import GlobalId
from core.viewer import SignedIn
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.end_sessions import end_other_sessions, end_sessions

EndedRow = TypedDict(
    "EndedRow", {"__typename": Literal["LogOutSuccess", "RevokeDeviceSuccess"], "owner_id": int, "id": int}
)
OthersEndedRow = TypedDict(
    "OthersEndedRow", {"__typename": Literal["RevokeOtherDevicesSuccess"], "owner_id": int, "ids": list[int]}
)


async def log_out(viewer: SignedIn, work: UnitOfWork, resources: Resources) -> EndedRow:
    """Ends the viewer's session on this device. Raises `ProblemError` if it has ended already."""
    if not await end_sessions(work, resources, viewer.user_id, [viewer.device_id]):
        raise session_expired()
    return {"__typename": "LogOutSuccess", "owner_id": viewer.user_id, "id": viewer.device_id}


async def revoke_device(viewer: SignedIn, work: UnitOfWork, resources: Resources, device_id: GlobalId) -> EndedRow:
    """Ends the session of one of the viewer's devices. Raises `ProblemError` if there is no such device."""
    theirs = device_id.owner_id == viewer.user_id
    if not theirs or not await end_sessions(work, resources, viewer.user_id, [device_id.id]):
        raise not_found("input.deviceId", "The device does not exist.")
    return {"__typename": "RevokeDeviceSuccess", "owner_id": viewer.user_id, "id": device_id.id}


async def revoke_other_devices(viewer: SignedIn, work: UnitOfWork, resources: Resources) -> OthersEndedRow:
    """Ends all sessions of the viewer but this one."""
    ended = await end_other_sessions(work, resources, viewer.user_id, viewer.device_id)
    return {"__typename": "RevokeOtherDevicesSuccess", "owner_id": viewer.user_id, "ids": sorted(ended)}


def session_expired() -> ProblemError:
    """Returns the problem of a session that has ended."""
    return ProblemError(
        "SessionExpiredProblem",
        ProblemCode.SESSION_EXPIRED,
        "This device is not signed in any more. Sign in again.",
        None,
    )
