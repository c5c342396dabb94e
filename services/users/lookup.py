"""Reads accounts, blocked users and devices."""

from adapters.database import ColumnVariants, Database, TaggedSQL
from core import text
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest
from core.viewer import SignedIn
from models import cache_tags
from models.users import DEVICE_COLUMNS, MAX_HANDLE_LENGTH, SIGNED_IN, USER_COLUMNS, DeviceRow, UserRow
from services.security.vault import Vault

_BY_HANDLE = ColumnVariants(
    USER_COLUMNS,
    lambda columns, _: f"SELECT {columns} FROM handles h JOIN users u ON u.id = h.user_id WHERE h.handle = $1",  # noqa: S608 - built from constants
    cache_tags.reads_user_by_handle,
)
_EMAIL = TaggedSQL.of("SELECT email FROM credentials WHERE user_id = $1", cache_tags.reads_own_rows)
_BLOCKED = ColumnVariants(
    USER_COLUMNS.extended({"block_id": "b.id"}, always=["block_id"]),
    lambda columns, _: (
        f"SELECT {columns} FROM blocks b JOIN users u ON u.id = b.other_id "  # noqa: S608 - built from constants
        "WHERE b.owner_id = $1 AND b.outgoing AND b.id < $2 ORDER BY b.id DESC LIMIT $3"
    ),
    cache_tags.reads_users,
)
_DEVICES = ColumnVariants(
    DEVICE_COLUMNS.extended({"current": "d.id = $2"}, always=["current"]),
    lambda columns, _: (
        f"SELECT {columns} FROM devices d "  # noqa: S608 - built from constants
        f"WHERE d.owner_id = $1 AND d.id < $3 AND {SIGNED_IN} ORDER BY d.id DESC LIMIT $4"
    ),
)


async def find_user_id(database: Database, handle: str) -> int | None:
    """Returns the id of the user with this handle, or None."""
    rows = await database.fetch("SELECT user_id FROM handles WHERE handle = $1", handle.lower())
    return rows[0]["user_id"] if rows else None


async def find_by_handle(database: Database, handle: str, columns: ColumnNames | None = None) -> UserRow | None:
    """Returns the user with this handle in any letter case, or None. The policy decides whether they are visible."""
    is_possible = len(handle) <= MAX_HANDLE_LENGTH and text.is_text(handle)
    rows = await database.fetch(_BY_HANDLE.of(columns), handle.lower()) if is_possible else []
    return rows[0] if rows else None


async def own_email(viewer: SignedIn, database: Database, vault: Vault) -> str | None:
    """Returns the viewer's e-mail address, or None if the account was deleted."""
    rows = await database.fetch(_EMAIL, viewer.user_id)
    return vault.open(viewer.user_id, rows[0]["email"]) if rows else None


async def blocked_users(
    viewer: SignedIn, database: Database, request: PageRequest, columns: ColumnNames | None = None
) -> Page[UserRow]:
    """Returns the users that the viewer has blocked, latest block first."""
    rows = await database.fetch(_BLOCKED.of(columns), viewer.user_id, request.after_or(MAX_ID), request.limit)
    return request.page(rows, by=("block_id",))


async def devices(
    viewer: SignedIn, database: Database, request: PageRequest, columns: ColumnNames | None = None
) -> Page[DeviceRow]:
    """Returns the devices on which the viewer is signed in, latest sign-in first."""
    after = request.after_or(MAX_ID)
    rows = await database.fetch(_DEVICES.of(columns), viewer.user_id, viewer.device_id, after, request.limit)
    return request.page(rows)
