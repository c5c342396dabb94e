"""Updates profiles."""

from dataclasses import dataclass
from typing import Any, Literal, TypedDict
from urllib.parse import urlsplit

from core import text
from core.errors import account_deleted, invalid_input
from core.viewer import SignedIn
from events import ProfileUpdated
from models.users import USER_COLUMNS, UserRow
from services.resources import Resources
from services.search import index_of_user
from services.unit_of_work import UnitOfWork
from services.users.sign_up import checked_name

MAX_BIO_LENGTH = 500
MAX_URL_LENGTH = 2000

_OWN = f"SELECT {USER_COLUMNS.sql()} FROM users u WHERE u.id = $1 FOR NO KEY UPDATE"  # noqa: S608 - built from constants
_UPDATE = "UPDATE users SET name = $2, bio = $3, avatar_url = $4, words = $5, words_key = $6 WHERE id = $1"

UpdateProfileSuccessRow = TypedDict(
    "UpdateProfileSuccessRow", {"__typename": Literal["UpdateProfileSuccess"], "user": UserRow}
)


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """Changed fields: `changes` has those of `name`, `bio` and `avatar_url` that were sent; null clears one."""

    changes: dict[str, str | None]


async def update_profile(
    viewer: SignedIn, work: UnitOfWork, _resources: Resources, profile: ProfileChanges
) -> UpdateProfileSuccessRow:
    """Updates the viewer's profile and returns it. Raises `ProblemError` with the input that is invalid."""
    changes = {field: _CHECKS[field](value) for field, value in profile.changes.items()}
    transaction = await work.transaction()
    rows = await transaction.fetch(_OWN, viewer.user_id)
    if not rows:
        raise account_deleted()
    user: Any = {**rows[0], **changes}
    if user != rows[0]:
        index = index_of_user(user["handle"], user["name"])
        await transaction.fetch(_UPDATE, viewer.user_id, user["name"], user["bio"], user["avatar_url"], *index)
        work.emit(ProfileUpdated(actor_id=viewer.user_id))
    return {"__typename": "UpdateProfileSuccess", "user": user}


def _name(value: str | None) -> str:
    return checked_name(value or "")


def _bio(value: str | None) -> str | None:
    if value is None or not value.strip():
        return None
    valid = text.prose(value, max_length=MAX_BIO_LENGTH)
    if valid is None:
        raise invalid_input("input.bio", f"Write up to {MAX_BIO_LENGTH} letters, without control characters.")
    return valid


def _avatar_url(value: str | None) -> str | None:
    if value is None or not value.strip():
        return None
    valid = text.line(value, max_length=MAX_URL_LENGTH)
    if valid != value or not _is_https(value):
        raise invalid_input("input.avatarUrl", "Send an address that begins with https://, or null for no picture.")
    return valid


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and url.isascii() and not any(map(str.isspace, url))


_CHECKS = {"name": _name, "bio": _bio, "avatar_url": _avatar_url}
