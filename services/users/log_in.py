"""Signs in with an e-mail address and a password."""

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
    f"SELECT {USER_COLUMNS.sql()}, c.password_hash FROM email_addresses e "  # noqa: S608 - built from constants
    "JOIN credentials c ON c.user_id = e.user_id JOIN users u ON u.id = e.user_id WHERE e.blind_index = ANY($1)"
)
_RENEW = "UPDATE credentials SET password_hash = $3 WHERE user_id = $1 AND password_hash = $2 RETURNING user_id"


@dataclass(frozen=True, slots=True)
class LogIn:
    """The input of `logIn`, and the client address."""

    email: str
    password: str
    device: NewDevice
    address: str = ""


LogInSuccessRow = TypedDict(
    "LogInSuccessRow", {"__typename": Literal["LogInSuccess"], "session": SessionRow, "user": UserRow}
)


async def log_in(work: UnitOfWork, resources: Resources, credentials: LogIn) -> Mapping[str, Any]:
    """Verifies the credentials and opens a session on a new device.

    Wrong credentials are returned as a problem, because the attempt is recorded. An unknown address and a wrong
    password return the same problem after the same work: both append an event and commit it. Raises `ProblemError`
    before that after too many attempts.
    """
    device = normalize_device(credentials.device)
    indexes = resources.vault.email_indexes(credentials.email)
    await count_log_in(resources, indexes[0], credentials.address)
    rows = await work.queries.fetch(_CREDENTIAL, indexes)
    user: dict[str, Any] | None = rows[0] if rows else None
    password_hash = user.pop("password_hash") if user else None
    if not await resources.passwords.verify(password_hash, credentials.password) or user is None:
        return _rejected(work, user["id"] if user else Anonymous.user_id)
    if not await _lock(work, resources, user["id"], credentials.password, str(password_hash)):
        return _rejected(work, user["id"])
    session = await open_session(work, resources, user["id"], device)
    device_id = session["device"]["id"]
    work.after_commit(lambda: logger.info("signed in", extra={"user_id": user["id"], "device_id": device_id}))
    return _signed_in(session, cast("UserRow", user))


async def _lock(work: UnitOfWork, resources: Resources, user_id: int, password: str, verified_hash: str) -> bool:
    """Renews an outdated hash and locks the credentials. Returns False if the password was changed meanwhile."""
    if is_outdated(verified_hash):
        renewed = await resources.passwords.hash(password)
        if await (await work.transaction()).fetch(_RENEW, user_id, verified_hash, renewed):
            verified_hash = renewed
    return await lock_password(work, resources, CheckedPassword(user_id, password, verified_hash), "SHARE") is not None


def _signed_in(session: SessionRow, user: UserRow) -> LogInSuccessRow:
    return {"__typename": "LogInSuccess", "session": session, "user": user}


def _rejected(work: UnitOfWork, user_id: int) -> Mapping[str, Any]:
    work.emit(SignInRefused(actor_id=user_id))
    message = "The e-mail address or the password is wrong."
    return ProblemError("InvalidCredentialsProblem", ProblemCode.INVALID_CREDENTIALS, message).row
