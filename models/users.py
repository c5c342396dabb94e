"""Users, their credentials and devices, follows and blocks."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

from core.columns import RowColumns

UserRow = TypedDict(
    "UserRow",
    {
        "__typename": NotRequired[Literal["User"]],
        "id": int,
        "handle": str,
        "name": str,
        "avatar_url": str | None,
        "bio": NotRequired[str | None],
        "created_at": NotRequired[datetime],
    },
)
"""A user. Inside another row it contains only the fields that are shown there."""


class OwnRow(UserRow):
    """A user as they see themselves, with the counts of their notifications, and where their streams end."""

    unseen: int
    unread: int
    epoch: int
    place: int
    popular_epoch: int
    popular_place: int
    counts_revision: int


DeviceRow = TypedDict(
    "DeviceRow",
    {
        "__typename": NotRequired[Literal["Device"]],
        "owner_id": int,
        "id": int,
        "name": str,
        "platform": str,
        "app_version": str,
        "last_seen_at": datetime,
        "current": bool,
        "push_enabled": bool,
    },
)

DEVICE_COLUMNS = RowColumns(
    {
        "owner_id": "d.owner_id",
        "id": "d.id",
        "name": "d.name",
        "platform": "d.platform",
        "app_version": "d.app_version",
        "last_seen_at": "d.last_seen_at",
        "push_enabled": ("EXISTS (SELECT 1 FROM push_tokens p WHERE p.user_id = d.owner_id AND p.device_id = d.id)"),
    },
    always=("owner_id", "id"),
)
"""The columns of a `DeviceRow` from `devices d`, without `current`, which depends on the viewer."""

RETURNED_DEVICE_COLUMNS = DEVICE_COLUMNS.sql().replace("d.", "devices.")
"""`DEVICE_COLUMNS` for `RETURNING` of a statement that changes `devices`."""

SIGNED_IN = (
    "NOT EXISTS (SELECT 1 FROM refresh_families f WHERE f.owner_id = d.owner_id AND f.device_id = d.id "
    "AND f.expires_at <= CURRENT_TIMESTAMP)"
)
"""A predicate: the session of the device in `devices d` has not expired."""

MAX_HANDLE_LENGTH = 30
USER_COLUMNS = RowColumns(
    {
        "id": "u.id",
        "handle": "u.handle",
        "name": "u.name",
        "bio": "u.bio",
        "avatar_url": "u.avatar_url",
        "created_at": "u.created_at",
    },
    always=("id",),
)
"""The columns of a `UserRow` from `users u`."""

_JOINED = ("handle", "name", "avatar_url")


def joined_user(prefix: str, table: str) -> dict[str, str]:
    """Returns the columns of a user that another row contains, under `prefix`, from the joined `table`."""
    return {f"{prefix}__{column}": f"{table}.{column}" for column in ("id", *_JOINED)}


def unblocked(viewer: str, person: str) -> str:
    """Returns an SQL predicate: neither user has blocked the other. The parameters are SQL expressions of user ids."""
    return f"NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.owner_id = {viewer} AND blocks.other_id = {person})"  # noqa: S608 - built from constants


class UserModel(Model):
    """The public data of a user."""

    id = fields.BigIntField(primary_key=True, generated=False)
    handle = fields.TextField()
    name = fields.TextField()
    bio = fields.TextField(null=True)
    avatar_url = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    words = fields.TextField(null=True)
    """The words that search compares; on PostgreSQL a `tsvector`."""
    words_key = fields.BigIntField(null=True)
    """Identifies the tokenizer and the text from which `words` was computed."""

    class Meta(Model.Meta):
        table = "users"


class HandleModel(Model):
    """The user with a handle, in lower case. A separate table makes handles unique across all partitions."""

    handle = fields.CharField(MAX_HANDLE_LENGTH, primary_key=True)
    user_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "handles"


class EmailAddressModel(Model):
    """The user with an email address, by its blind index. It makes addresses unique across all partitions."""

    blind_index = fields.CharField(64, primary_key=True)
    user_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "email_addresses"


class CredentialModel(Model):
    """The email address and the password hash of a user."""

    user_id = fields.BigIntField(primary_key=True, generated=False)
    email = fields.BinaryField()
    """Encrypted by `services/security/vault.py`."""
    password_hash = fields.TextField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "credentials"


class DeviceModel(Model):
    """A phone, tablet or browser on which a user signed in."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    platform = fields.TextField()
    app_version = fields.TextField()
    locale = fields.TextField(null=True)
    time_zone = fields.TextField(null=True)
    push_provider = fields.TextField(null=True)
    """Always null, like the next two: `push_tokens` contains them. Servers of the previous release still read these."""
    push_token = fields.BinaryField(null=True)
    push_index = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "devices"


class PushTokenModel(Model):
    """The device of a push token, by the token's blind index, which is unique across all partitions."""

    push_index = fields.CharField(64, primary_key=True)
    user_id = fields.BigIntField()
    device_id = fields.BigIntField()
    provider = fields.TextField()
    token = fields.BinaryField()
    """Encrypted by `services/security/vault.py`."""
    registered_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "push_tokens"


class RefreshFamilyModel(Model):
    """The chain of refresh tokens of one sign-in. Only the newest token is valid."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    device_id = fields.BigIntField()
    token_hash = fields.BinaryField()
    previous_hash = fields.BinaryField(null=True)
    rotated_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "refresh_families"


class RevokedDeviceModel(Model):
    """A device whose access tokens are rejected until all of them have expired."""

    owner_id = fields.BigIntField()
    device_id = fields.BigIntField(primary_key=True, generated=False)
    revoked_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "revoked_devices"


class FollowModel(Model):
    """A follow of `followee_id` by `owner_id`."""

    owner_id = fields.BigIntField()
    followee_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "follows"


class BlockModel(Model):
    """A block, with one row in the partition of each of the two users, so that both sides read it from their own rows.

    `outgoing` is true in the row of the user who blocks.
    """

    owner_id = fields.BigIntField()
    other_id = fields.BigIntField()
    outgoing = fields.BooleanField()
    id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "blocks"


class UserCountModel(Model):
    """The folded counts of a user. Newer changes are in `count_deltas`."""

    user_id = fields.BigIntField(primary_key=True, generated=False)
    followers = fields.BigIntField()
    following = fields.BigIntField()
    posts = fields.BigIntField()

    class Meta(Model.Meta):
        table = "user_counts"


class VisitModel(Model):
    """The last day on which a user was active, and the day before that. A user without a row counts as active."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    last_at = fields.DatetimeField()
    previous_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "visits"
