"""Signing in with an e-mail address and a password."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, cast

from core.errors import ProblemCode, ProblemError
from core.viewer import Anonymous
from events import SignInRefused
from models.users import USER_COLUMNS, UserRow
from services.resources import Resources
from services.security.passwords import is_outdated
from services.unit_of_work import UnitOfWork
from services.users.device_description import NewDevice, normalize_device
from services.users.password_confirmation import CheckedPassword, lock_password
from services.users.sessions import SessionRow, open_session
from services.users.throttle import count_log_in

logger = logging.getLogger(__name__)

_CREDENTIAL = (
    f"SELECT {USER_COLUMNS}, c.password_hash FROM email_addresses e "  # noqa: S608 - built from constants
    "JOIN credentials c ON c.user_id = e.user_id JOIN users u ON u.id = e.user_id WHERE e.blind_index = ANY($1)"
)
_RENEW = "UPDATE credentials SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2 RETURNING user_id"


@dataclass(frozen=True, slots=True)
class LogIn:
    """What a device sends to sign in, and from which network address."""

    email: str
    password: str
    device: NewDevice
    address: str = ""


LogInSuccessRow = TypedDict(
    "LogInSuccessRow", {"__typename": Literal["LogInSuccess"], "session": SessionRow, "user": UserRow}
)


async def log_in(work: UnitOfWork, resources: Resources, wanted: LogIn) -> Mapping[str, Any]:
    """Checks the credentials and opens a session on a new device. `ProblemError` when the device is not right.

    Wrong credentials are an answer too, since that they were sent is kept. An unknown address and a wrong password get
    the same one after the same work: both append an event and commit it. Too many attempts are refused before that.
    """
    device = normalize_device(wanted.device)
    indexes = resources.vault.email_indexes(wanted.email)
    await count_log_in(resources, indexes[0], wanted.address)
    found = await work.reading.fetch(_CREDENTIAL, indexes)
    user: dict[str, Any] | None = found[0] if found else None
    password_hash = user.pop("password_hash") if user else None
    if not await resources.passwords.verify(password_hash, wanted.password) or user is None:
        return _refused(work, user["id"] if user else Anonymous.user_id)
    if not await _hold(work, resources, user["id"], wanted.password, str(password_hash)):
        return _refused(work, user["id"])
    session = await open_session(work, resources, user["id"], device)
    device_id = session["device"]["id"]
    work.after_commit(lambda: logger.info("signed in", extra={"user_id": user["id"], "device_id": device_id}))
    return _signed_in(session, cast("UserRow", user))


async def _hold(work: UnitOfWork, resources: Resources, user_id: int, password: str, checked: str) -> bool:
    """Renews an outdated hash, and holds the credentials. False when the password was changed meanwhile."""
    if is_outdated(checked):
        renewed = await resources.passwords.hash(password)
        if await (await work.writing()).fetch(_RENEW, user_id, checked, renewed):
            checked = renewed
    return await lock_password(work, resources, CheckedPassword(user_id, password, checked), "SHARE") is not None


def _signed_in(session: SessionRow, user: UserRow) -> LogInSuccessRow:
    return {"__typename": "LogInSuccess", "session": session, "user": user}


def _refused(work: UnitOfWork, user_id: int) -> Mapping[str, Any]:
    work.emit(SignInRefused(actor_id=user_id))
    message = "The e-mail address or the password is wrong."
    return ProblemError("InvalidCredentialsProblem", ProblemCode.INVALID_CREDENTIALS, message).row
