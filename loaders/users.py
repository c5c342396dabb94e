"""Loaders of users, devices, blocks and follows."""

from adapters.database import ColumnVariants, Database, TaggedSQL
from core.columns import ColumnNames
from core.ids import MAX_ID
from core.paging import Page, PageRequest, SortKey
from core.viewer import SignedIn, Viewer
from loaders.loader import OwnedKey, grouped, in_order, owners_and_ids, with_columns
from loaders.paged import pages, rows_per_key
from models import cache_tags
from models.counts import current_count
from models.notifications import badge_count
from models.users import DEVICE_COLUMNS, SIGNED_IN, USER_COLUMNS, DeviceRow, OwnRow, UserRow, unblocked

_USERS = ColumnVariants(
    USER_COLUMNS,
    lambda columns, _: f"SELECT {columns} FROM users u WHERE u.id = ANY($1)",  # noqa: S608 - built from constants
    cache_tags.reads_users_by_id,
)
_DEVICE_COLUMNS = DEVICE_COLUMNS.extended({"current": "d.id = $3"}, always=["current"])
_DEVICES = ColumnVariants(
    _DEVICE_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM devices d "  # noqa: S608 - built from constants
        f"WHERE d.owner_id = ANY($1) AND d.id = ANY($2) AND {SIGNED_IN}"
    ),
)
_BLOCKS = TaggedSQL.of(
    "SELECT owner_id, other_id, outgoing FROM blocks WHERE owner_id = ANY($1)", cache_tags.reads_blocks
)
_COUNTS = TaggedSQL.of(
    (
        f"SELECT u.id, {current_count('c.followers', 'u.id', 'u.id', 'followers')} AS followers, "  # noqa: S608 - built from constants
        f"{current_count('c.following', 'u.id', 'u.id', 'following')} AS following, "
        f"{current_count('c.posts', 'u.id', 'u.id', 'posts')} AS posts "
        "FROM users u LEFT JOIN user_counts c ON c.user_id = u.id WHERE u.id = ANY($1)"
    ),
    cache_tags.reads_user_counts,
)
_OWN_COLUMNS = USER_COLUMNS.extended(
    {
        "unseen": badge_count("unseen"),
        "unread": badge_count("unread"),
        "epoch": "COALESCE(s.epoch, 0)",
        "place": "COALESCE(s.last_place, 0)",
        "popular_epoch": "COALESCE(o.epoch, 0)",
        "popular_place": "COALESCE(o.last_place, 0)",
        "counts_revision": "COALESCE(s.counts_revision, 0)",
    }
)
_OWN = ColumnVariants(
    _OWN_COLUMNS,
    lambda columns, _: (
        f"SELECT {columns} FROM users u LEFT JOIN notification_counts n ON n.owner_id = u.id "  # noqa: S608 - built from constants
        "LEFT JOIN streams s ON s.owner_id = u.id AND s.id = u.id LEFT JOIN streams o ON o.owner_id = 0 AND o.id = 0 "
        "WHERE u.id = $1"
    ),
    cache_tags.reads_own_account,
)
_FOLLOWED = TaggedSQL.of(
    "SELECT followee_id FROM follows WHERE owner_id = $1 AND followee_id = ANY($2)", cache_tags.reads_own_rows
)

_FOLLOWER_COLUMNS = USER_COLUMNS.extended(
    {"followee_id": "f.followee_id", "follow_id": "f.id"}, always=["followee_id", "follow_id"]
)
_FOLLOWERS_BY_USER = ColumnVariants(
    _FOLLOWER_COLUMNS,
    lambda columns, _: rows_per_key(
        columns,
        "follows f JOIN users u ON u.id = f.owner_id",
        keys=("f.followee_id",),
        where=f"f.id < $3 AND {unblocked('$2', 'f.owner_id')} AND {unblocked('$2', 'f.followee_id')}",
        order="f.id DESC",
        limit="$4",
        name="follow_id",
    ),
    cache_tags.reads_followers,
)


@with_columns(USER_COLUMNS)
async def user_by_id(
    database: Database, _viewer: Viewer, ids: list[int], columns: ColumnNames | None = None
) -> list[UserRow | None]:
    return in_order(ids, await database.fetch(_USERS.of(columns), ids), lambda row: row["id"])


@with_columns(_OWN_COLUMNS)
async def own_by_id(
    database: Database, _viewer: Viewer, ids: list[int], columns: ColumnNames | None = None
) -> list[OwnRow | None]:
    """Returns the viewer, whose id is the only key, with the counts of their notifications. Screens show both together.

    The statement compares with `=`, because PostgreSQL would plan it again for each array.
    """
    (user_id,) = ids
    return await database.fetch(_OWN.of(columns), user_id) or [None]


@with_columns(_DEVICE_COLUMNS)
async def device_by_id(
    database: Database, viewer: Viewer, keys: list[OwnedKey], columns: ColumnNames | None = None
) -> list[DeviceRow | None]:
    device_id = viewer.device_id if isinstance(viewer, SignedIn) else 0
    rows = await database.fetch(_DEVICES.of(columns), *owners_and_ids(keys), device_id)
    return in_order(keys, rows, lambda row: (row["owner_id"], row["id"]))


async def blocks_by_owner(database: Database, _viewer: Viewer, owner_ids: list[int]) -> list[list[dict[str, int]]]:
    """Returns rows of `other_id` and `outgoing`: the users that each owner blocks, and those that block the owner."""
    return grouped(owner_ids, await database.fetch(_BLOCKS, owner_ids), lambda row: row["owner_id"])


async def counts_by_user(database: Database, _viewer: Viewer, ids: list[int]) -> list[dict[str, int] | None]:
    """Returns rows of `followers`, `following` and `posts`."""
    return in_order(ids, await database.fetch(_COUNTS, ids), lambda row: row["id"])


async def followed_by_viewer(database: Database, viewer: Viewer, ids: list[int]) -> list[bool]:
    rows = await database.fetch(_FOLLOWED, viewer.user_id, ids)
    followed = {row["followee_id"] for row in rows}
    return [user_id in followed for user_id in ids]


@with_columns(_FOLLOWER_COLUMNS)
async def followers_by_user(
    database: Database, viewer: Viewer, keys: list[tuple[int, PageRequest]], columns: ColumnNames | None = None
) -> list[Page[UserRow]]:
    """Returns a page of followers for each user, the latest first."""
    statement = _FOLLOWERS_BY_USER.of(columns)

    async def read(user_ids: list[int], limit: int, after: SortKey | None) -> list[UserRow]:
        before = after[0] if after else MAX_ID
        return await database.fetch(statement, user_ids, viewer.user_id, before, limit)

    return await pages(keys, read, lambda row: row["followee_id"], by=("follow_id",))
