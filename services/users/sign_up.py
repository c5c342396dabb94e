"""Creates accounts."""

import re
from dataclasses import dataclass, replace
from typing import Literal, TypedDict

from adapters.database import Queries
from core import text
from core.errors import already_exists, invalid_input
from events import PersonJoined
from models.users import MAX_HANDLE_LENGTH, UserRow
from services.resources import Resources
from services.search import index_of_user
from services.security.blind_indexes import lock_indexes
from services.security.passwords import password_problem
from services.unit_of_work import UnitOfWork
from services.users.device_description import NewDevice, normalize_device
from services.users.sessions import SessionRow, open_session
from services.users.throttle import count_sign_up

MAX_NAME_LENGTH = 50
MAX_EMAIL_LENGTH = 254
_HANDLE = re.compile(rf"[a-z0-9_]{{3,{MAX_HANDLE_LENGTH}}}")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])?")

_ADDRESS_TAKEN = "SELECT 1 AS one FROM email_addresses WHERE blind_index = ANY($1)"
_TAKE_ADDRESS = (
    "INSERT INTO email_addresses (blind_index, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id"
)
_TAKE_HANDLE = "INSERT INTO handles (handle, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING user_id"
_USER = "INSERT INTO users (id, handle, name, created_at, words, words_key) VALUES ($1, $2, $3, $4, $5, $6)"
_CREDENTIAL = "INSERT INTO credentials (user_id, email, password_hash, changed_at) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class SignUp:
    """The input of `signUp`, and the client address."""

    email: str
    password: str
    handle: str
    name: str
    device: NewDevice
    address: str = ""


SignUpSuccessRow = TypedDict(
    "SignUpSuccessRow", {"__typename": Literal["SignUpSuccess"], "session": SessionRow, "user": UserRow}
)


async def sign_up(work: UnitOfWork, resources: Resources, inputs: SignUp) -> SignUpSuccessRow:
    """Creates an account and opens its first session. Raises `ProblemError` with the input that is invalid or taken."""
    account = _checked_input(inputs)
    await count_sign_up(resources, inputs.address)
    password_hash = await resources.passwords.hash(account.password)
    transaction, user_id, now = await work.transaction(), resources.ids.next(), resources.clock()
    sealed = resources.vault.seal(user_id, account.email)
    await transaction.fetch(_CREDENTIAL, user_id, sealed, password_hash, now)
    if not await transaction.fetch(_TAKE_HANDLE, account.handle, user_id):
        raise already_exists("input.handle", "This handle is taken. Choose another one.")
    await _take_address(transaction, resources, account.email, user_id)
    index = index_of_user(account.handle, account.name)
    await transaction.fetch(_USER, user_id, account.handle, account.name, now, *index)
    work.emit(PersonJoined(actor_id=user_id))
    session = await open_session(work, resources, user_id, account.device)
    user: UserRow = {
        "id": user_id,
        "handle": account.handle,
        "name": account.name,
        "bio": None,
        "avatar_url": None,
        "created_at": now,
    }
    return {"__typename": "SignUpSuccess", "session": session, "user": user}


async def _take_address(transaction: Queries, resources: Resources, email: str, user_id: int) -> None:
    """Inserts the address's index under the first key. Raises `ProblemError` if it exists under any key.

    The other keys are read after the insertion, which waits for a rotation that is replacing the index.
    """
    indexes = resources.vault.email_indexes(email)
    await lock_indexes(transaction, indexes)
    free = await transaction.fetch(_TAKE_ADDRESS, indexes[0], user_id)
    if not free or (len(indexes) > 1 and await transaction.fetch(_ADDRESS_TAKEN, indexes[1:])):
        raise already_exists("input.email", "There is an account with this address already. Sign in.")


def _checked_input(inputs: SignUp) -> SignUp:
    """Returns the normalized input. Raises `ProblemError` with the first input that is invalid."""
    email = text.composed(inputs.email, max_length=MAX_EMAIL_LENGTH)
    if email is None or text.line(email, max_length=MAX_EMAIL_LENGTH) != email or not _EMAIL.fullmatch(email):
        raise invalid_input("input.email", "Send an e-mail address like 'ana@example.com'.")
    handle = inputs.handle[: MAX_HANDLE_LENGTH + 1].lower()
    problem = password_problem(inputs.password, (email, handle))
    if problem is not None:
        raise invalid_input("input.password", problem)
    if not _HANDLE.fullmatch(handle):
        raise invalid_input("input.handle", f"Send 3 to {MAX_HANDLE_LENGTH} letters a to z, digits and underscores.")
    return replace(
        inputs,
        email=email,
        handle=handle,
        name=checked_name(inputs.name),
        device=normalize_device(inputs.device),
    )


def checked_name(name: str) -> str:
    """Returns the normalized name. Raises `ProblemError` if it is invalid."""
    valid = text.line(name, max_length=MAX_NAME_LENGTH)
    if valid is None:
        raise invalid_input(
            "input.name", f"Send one line of 1 to {MAX_NAME_LENGTH} letters, without marks of direction."
        )
    return valid
