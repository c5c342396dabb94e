"""Reading people."""

from adapters.database import Database
from core.viewer import SignedIn
from models.users import USER_COLUMNS, UserRow

_USER = f"SELECT {USER_COLUMNS} FROM users u WHERE u.id = $1"  # noqa: S608 - built from constants


async def find_user(viewer: SignedIn, database: Database) -> UserRow | None:
    """The viewer's own public side; None when the account is gone."""
    rows = await database.fetch(_USER, viewer.user_id)
    return rows[0] if rows else None


async def find_user_id(database: Database, handle: str) -> int | None:
    """Whose handle it is; None when it is nobody's."""
    rows = await database.fetch("SELECT user_id FROM handles WHERE handle = $1", handle.lower())
    return rows[0]["user_id"] if rows else None
