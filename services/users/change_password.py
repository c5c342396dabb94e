"""Changing the password."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from core.errors import invalid_input
from core.viewer import SignedIn
from events import PasswordChanged
from services.resources import Resources
from services.security.passwords import password_problem
from services.unit_of_work import UnitOfWork
from services.users.end_sessions import end_other_sessions
from services.users.password_confirmation import CheckedPassword, confirm_password, lock_password, wrong_password

_CURRENT = "input.currentPassword"
_CHANGE = "UPDATE credentials SET password_hash = $2, changed_at = $3 WHERE user_id = $1"

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
) -> Mapping[str, Any]:
    """Which devices were signed out by it (all but the one that asks), or that the password of now is wrong.

    `ProblemError` when the new one is not right.
    """
    confirmed = await confirm_password(viewer, work, resources, wanted.current)
    if confirmed is None:
        return wrong_password(_CURRENT)
    fault = password_problem(wanted.new, (confirmed.email, confirmed.handle))
    if fault is not None:
        raise invalid_input("input.newPassword", fault)
    password_hash = await resources.passwords.hash(wanted.new)
    checked = CheckedPassword(viewer.user_id, wanted.current, confirmed.password_hash)
    if await lock_password(work, resources, checked) is None:
        return wrong_password(_CURRENT)
    transaction = await work.writing()
    await transaction.fetch(_CHANGE, viewer.user_id, password_hash, resources.clock())
    work.emit(PasswordChanged(actor_id=viewer.user_id))
    return _changed(viewer, await end_other_sessions(work, resources, viewer.user_id, viewer.device_id))


def _changed(viewer: SignedIn, ended: list[int]) -> ChangePasswordSuccessRow:
    return {"__typename": "ChangePasswordSuccess", "owner_id": viewer.user_id, "ids": sorted(ended)}
