"""Changing the password."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from core.errors import ProblemCode, Refusal, invalid_input
from core.viewer import SignedIn
from events import PasswordChanged
from services.passwords import password_fault
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.ending import end_sessions, other_devices
from services.users.throttle import count_password

_CREDENTIAL = (
    "SELECT c.password_hash, c.email, u.handle FROM credentials c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1"
)
_CHANGE = (
    "UPDATE credentials SET password_hash = $3, changed_at = $4 WHERE user_id = $1 AND password_hash = $2 "
    "RETURNING user_id"
)

ChangePasswordSuccessRow = TypedDict(
    "ChangePasswordSuccessRow", {"__typename": Literal["ChangePasswordSuccess"], "owner_id": int, "ids": list[int]}
)


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The password of now, and the one to be."""

    current: str
    new: str


async def change_password(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, wanted: ChangePassword
) -> ChangePasswordSuccessRow:
    """Which devices were signed out by it: all but the one that asks. `Refusal` says which of the two is not right."""
    rows = await work.reading.fetch(_CREDENTIAL, viewer.user_id)
    if not rows:
        raise _wrong()
    current, email = rows[0]["password_hash"], resources.vault.open(viewer.user_id, rows[0]["email"])
    await count_password(resources, resources.vault.email_indexes(email)[0])
    if not await resources.passwords.verify(current, wanted.current):
        raise _wrong()
    fault = password_fault(wanted.new, (email, rows[0]["handle"]))
    if fault is not None:
        raise invalid_input("input.newPassword", fault)
    password_hash = await resources.passwords.hash(wanted.new)
    transaction = await work.writing()
    if not await transaction.fetch(_CHANGE, viewer.user_id, current, password_hash, resources.clock()):
        raise _wrong()
    work.emit(PasswordChanged(actor_id=viewer.user_id))
    others = await other_devices(transaction, viewer.user_id, viewer.device_id)
    ended = await end_sessions(work, resources, viewer.user_id, others)
    return {"__typename": "ChangePasswordSuccess", "owner_id": viewer.user_id, "ids": sorted(ended)}


def _wrong() -> Refusal:
    return Refusal(
        "InvalidCredentialsProblem",
        ProblemCode.INVALID_CREDENTIALS,
        "The password is wrong.",
        "input.currentPassword",
    )
