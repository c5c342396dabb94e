"""Changes the password."""

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
    """The input of `changePassword`: the current password and the new one."""

    current: str
    new: str


async def change_password(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, passwords: ChangePassword
) -> Mapping[str, Any]:
    """Changes the password and returns the devices that were signed out: all but the one that sent the request.

    A wrong current password is returned as a problem. Raises `ProblemError` if the new one is not permitted.
    """
    account = await confirm_password(viewer, work, resources, passwords.current)
    if account is None:
        return wrong_password(_CURRENT)
    problem = password_problem(passwords.new, (account.email, account.handle))
    if problem is not None:
        raise invalid_input("input.newPassword", problem)
    password_hash = await resources.passwords.hash(passwords.new)
    checked = CheckedPassword(viewer.user_id, passwords.current, account.password_hash)
    if await lock_password(work, resources, checked) is None:
        return wrong_password(_CURRENT)
    transaction = await work.transaction()
    await transaction.fetch(_CHANGE, viewer.user_id, password_hash, resources.clock())
    work.emit(PasswordChanged(actor_id=viewer.user_id))
    return _changed(viewer, await end_other_sessions(work, resources, viewer.user_id, viewer.device_id))


def _changed(viewer: SignedIn, ended: list[int]) -> ChangePasswordSuccessRow:
    return {"__typename": "ChangePasswordSuccess", "owner_id": viewer.user_id, "ids": sorted(ended)}
