"""Asking for the password, and holding on to the answer until what it permits is committed."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from core.errors import Contended, ProblemCode, ProblemError
from core.viewer import SignedIn
from events import PasswordRefused
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.throttle import count_password

_CREDENTIAL = (
    "SELECT c.password_hash, c.email, u.handle FROM credentials c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1"
)
_ATTEMPTS = 3
_HELD = {
    lock: f"SELECT password_hash FROM credentials WHERE user_id = $1 FOR {lock}"  # noqa: S608 - one of two words
    for lock in ("SHARE", "UPDATE")
}


class ConfirmedAccount(NamedTuple):
    """The credentials of an account whose password was right."""

    password_hash: str
    email: str
    handle: str


class CheckedPassword(NamedTuple):
    """A password of an account that was right for this hash, before the transaction began."""

    user_id: int
    password: str
    password_hash: str


async def confirm_password(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, password: str
) -> ConfirmedAccount | None:
    """The viewer's credentials. None when the password is wrong, which is noted, or the account is gone.

    `ProblemError` when too many were tried.
    """
    rows = await work.reading.fetch(_CREDENTIAL, viewer.user_id)
    if not rows:
        return None
    found = rows[0]
    email = resources.vault.open(viewer.user_id, bytes(found["email"]))
    await count_password(resources, resources.vault.email_indexes(email)[0])
    if not await resources.passwords.verify(found["password_hash"], password):
        work.emit(PasswordRefused(actor_id=viewer.user_id, device_id=viewer.device_id))
        return None
    return ConfirmedAccount(found["password_hash"], email, found["handle"])


async def lock_password(
    work: UnitOfWork, resources: Resources, checked: CheckedPassword, lock: Literal["SHARE", "UPDATE"] = "UPDATE"
) -> str | None:
    """The hash that the account has now, held until the transaction ends, if the password is right for it.

    The hash may be another one than was checked: of the same password, renewed by a concurrent sign-in, or of a new
    password. Then nothing is kept of what was written so far, and the password is checked again, without a connection.
    None when it is wrong by now, or the account is gone. `Contended` when the hash changes again and again.
    """
    user_id, password, known = checked
    for _ in range(_ATTEMPTS):
        rows = await (await work.writing()).fetch(_HELD[lock], user_id)
        current = rows[0]["password_hash"] if rows else None
        if current is None or current == known:
            return current
        await work.undo()
        if not await resources.passwords.verify(current, password):
            return None
        known = current
    raise Contended("The password is being changed at the moment. Try again.")


def wrong_password(field: str) -> Mapping[str, Any]:
    """The answer to it; not raised, since that it was tried is kept."""
    return ProblemError(
        "InvalidCredentialsProblem", ProblemCode.INVALID_CREDENTIALS, "The password is wrong.", field
    ).row
