"""People, devices and blocks by key."""

from adapters.database import Database
from core.viewer import Viewer
from loaders.loader import OwnedKey, grouped, in_order, owners_and_ids
from models.users import USER_COLUMNS, DeviceRow, UserRow

_USERS = f"SELECT {USER_COLUMNS} FROM users u WHERE u.id = ANY($1)"  # noqa: S608 - built from constants
_DEVICES = (
    "SELECT 'Device' AS __typename, d.owner_id, d.id, d.name, d.platform FROM devices d "
    "WHERE d.owner_id = ANY($1) AND d.id = ANY($2)"
)
_BLOCKS = "SELECT owner_id, other_id, outgoing FROM blocks WHERE owner_id = ANY($1)"


async def user_by_id(database: Database, _viewer: Viewer, ids: list[int]) -> list[UserRow | None]:
    return in_order(ids, await database.fetch(_USERS, ids), lambda row: row["id"])


async def device_by_id(database: Database, _viewer: Viewer, keys: list[OwnedKey]) -> list[DeviceRow | None]:
    rows = await database.fetch(_DEVICES, *owners_and_ids(keys))
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


async def blocks_by_owner(database: Database, _viewer: Viewer, owner_ids: list[int]) -> list[list[dict[str, int]]]:
    """Rows of `other_id` and `outgoing`: whom each owner blocks, and who blocks them."""
    return grouped(owner_ids, await database.fetch(_BLOCKS, owner_ids), lambda row: row["owner_id"])
