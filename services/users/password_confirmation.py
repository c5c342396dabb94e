"""Confirms a password, and locks the credentials until the permitted change is committed."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from core.errors import Contended, ProblemCode, ProblemError
from core.viewer import SignedIn
from events import PasswordRefused
from services.resources import Resources
from services.unit_of_work import UnitOfWork, unit_of_work
from services.users.throttle import count_password

_CREDENTIAL = (
    "SELECT c.password_hash, c.email, u.handle FROM credentials c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1"
)
_ATTEMPTS = 3
_LOCK = {
    lock: f"SELECT password_hash FROM credentials WHERE user_id = $1 FOR {lock}"  # noqa: S608 - one of two words
    for lock in ("SHARE", "UPDATE")
}


class ConfirmedAccount(NamedTuple):
    """The credentials of an account whose password was right."""

    password_hash: str
    email: str
    handle: str


class CheckedPassword(NamedTuple):
    """A password that was right for this hash of an account, before the transaction began."""

    user_id: int
    password: str
    password_hash: str


async def confirm_password(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, password: str
) -> ConfirmedAccount | None:
    """Returns the viewer's credentials. None if the password is wrong, which is recorded, or the account was deleted.

    Raises `ProblemError` after too many attempts.
    """
    rows = await work.queries.fetch(_CREDENTIAL, viewer.user_id)
    if not rows:
        return None
    credentials = rows[0]
    email = resources.vault.open(viewer.user_id, bytes(credentials["email"]))
    await count_password(resources, resources.vault.email_indexes(email)[0])
    if not await resources.passwords.verify(credentials["password_hash"], password):
        work.emit(PasswordRefused(actor_id=viewer.user_id, device_id=viewer.device_id))
        return None
    return ConfirmedAccount(credentials["password_hash"], email, credentials["handle"])


async def check_password(viewer: SignedIn, resources: Resources, password: str, field: str) -> Mapping[str, Any] | None:
    """Returns None if the password is the viewer's, otherwise its problem. A wrong password is recorded.

    Raises `ProblemError` after too many attempts.
    """
    async with unit_of_work(resources) as work:
        account = await confirm_password(viewer, work, resources, password)
    return None if account else wrong_password(field)


async def lock_password(
    work: UnitOfWork, resources: Resources, checked: CheckedPassword, lock: Literal["SHARE", "UPDATE"] = "UPDATE"
) -> str | None:
    """Returns the account's current hash, locked until the transaction ends, if the password is right for it.

    The hash may have changed since it was verified: a concurrent sign-in renewed it, or the password is new. Then the
    transaction is rolled back, and the password is verified again, without a connection. Returns None if it is wrong by
    now, or the account was deleted. Raises `Contended` if the hash changes repeatedly.
    """
    user_id, password, known_hash = checked
    for _ in range(_ATTEMPTS):
        rows = await (await work.transaction()).fetch(_LOCK[lock], user_id)
        current = rows[0]["password_hash"] if rows else None
        if current is None or current == known_hash:
            return current
        await work.undo()
        if not await resources.passwords.verify(current, password):
            return None
        known_hash = current
    raise Contended("The password is being changed at the moment. Try again.")


def wrong_password(field: str) -> Mapping[str, Any]:
    """Returns the problem of a wrong password. It is not raised, because the attempt is recorded."""
    return ProblemError(
        "InvalidCredentialsProblem", ProblemCode.INVALID_CREDENTIALS, "The password is wrong.", field
    ).row
