"""Asking who is signed in for their password, before something that a stolen phone must not do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.errors import ProblemCode, Refusal
from core.viewer import SignedIn
from events import PasswordRefused
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.throttle import count_password

_CREDENTIAL = (
    "SELECT c.password_hash, c.email, u.handle FROM credentials c JOIN users u ON u.id = c.user_id WHERE c.user_id = $1"
)


class Confirmed(NamedTuple):
    """Somebody who knows their password."""

    password_hash: str
    email: str
    handle: str


async def confirm(viewer: SignedIn, work: UnitOfWork, resources: Resources, password: str) -> Confirmed | None:
    """The viewer's credentials. None when the password is wrong, which is noted, or the account is gone.

    `Refusal` when too many were tried.
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
    return Confirmed(found["password_hash"], email, found["handle"])


def wrong_password(field: str) -> Mapping[str, Any]:
    """The answer to it; not raised, since that it was tried is kept."""
    return Refusal("InvalidCredentialsProblem", ProblemCode.INVALID_CREDENTIALS, "The password is wrong.", field).row
