"""People, their credentials and devices, and whom they follow and block."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from tortoise import fields
from tortoise.models import Model

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
"""A person; inside another row, only what is shown there."""


class OwnRow(UserRow):
    """A person as they see themselves."""

    unseen: int
    unread: int


DeviceRow = TypedDict(
    "DeviceRow",
    {
        "__typename": Literal["Device"],
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

DEVICE_COLUMNS = (
    "'Device' AS __typename, d.owner_id, d.id, d.name, d.platform, d.app_version, d.last_seen_at, "
    "EXISTS (SELECT 1 FROM push_tokens p WHERE p.user_id = d.owner_id AND p.device_id = d.id) AS push_enabled"
)
"""Selects a `DeviceRow` from `devices d`, but for `current`, which depends on who asks."""

RETURNED_DEVICE_COLUMNS = DEVICE_COLUMNS.replace("d.", "devices.")
"""The same for `RETURNING` of a statement that changes `devices`."""

SIGNED_IN = (
    "NOT EXISTS (SELECT 1 FROM refresh_families f WHERE f.owner_id = d.owner_id AND f.device_id = d.id "
    "AND f.expires_at <= CURRENT_TIMESTAMP)"
)
"""A predicate: the session of the device in `devices d` has not expired."""

USER_COLUMNS = "'User' AS __typename, u.id, u.handle, u.name, u.bio, u.avatar_url, u.created_at"
"""Selects a `UserRow` from `users u`."""

_JOINED = ("handle", "name", "avatar_url")


def joined_user(prefix: str, table: str) -> str:
    """Columns that carry what another row shows of a person, under `prefix`, from the joined `table`."""
    return ", ".join(f"{table}.{column} AS {prefix}__{column}" for column in ("id", *_JOINED))


def unblocked(viewer: str, person: str) -> str:
    """A predicate: neither of the two has blocked the other. Both are SQL expressions of user ids."""
    return f"NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.owner_id = {viewer} AND blocks.other_id = {person})"  # noqa: S608 - built from constants


class User(Model):
    """A person's public side."""

    id = fields.BigIntField(primary_key=True, generated=False)
    handle = fields.TextField()
    name = fields.TextField()
    bio = fields.TextField(null=True)
    avatar_url = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    words = fields.TextField(null=True)
    """What search compares; on PostgreSQL a `tsvector`."""
    words_key = fields.BigIntField(null=True)
    """Which text and which tokenizer `words` comes from."""

    class Meta(Model.Meta):
        table = "users"


class Handle(Model):
    """Whose handle it is: unique across all partitions, so in a table of its own. Lower case."""

    handle = fields.CharField(30, primary_key=True)
    user_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "handles"


class EmailAddress(Model):
    """Whose address it is, by its blind index: unique across all partitions, and nothing to read in it."""

    blind_index = fields.CharField(64, primary_key=True)
    user_id = fields.BigIntField()

    class Meta(Model.Meta):
        table = "email_addresses"


class Credential(Model):
    """How a person proves who they are."""

    user_id = fields.BigIntField(primary_key=True, generated=False)
    email = fields.BinaryField()
    """Encrypted by `services/security/vault.py`."""
    password_hash = fields.TextField()
    changed_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "credentials"


class Device(Model):
    """A phone, tablet or browser that signed in."""

    owner_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    name = fields.TextField()
    platform = fields.TextField()
    app_version = fields.TextField()
    locale = fields.TextField(null=True)
    time_zone = fields.TextField(null=True)
    push_provider = fields.TextField(null=True)
    """Always null, like the next two: `push_tokens` has them. Servers of the release before still read these."""
    push_token = fields.BinaryField(null=True)
    push_index = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "devices"


class PushToken(Model):
    """Which device a push token reaches, by the token's blind index: unique across all partitions."""

    push_index = fields.CharField(64, primary_key=True)
    user_id = fields.BigIntField()
    device_id = fields.BigIntField()
    provider = fields.TextField()
    token = fields.BinaryField()
    """Encrypted by `services/security/vault.py`."""
    registered_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "push_tokens"


class RefreshFamily(Model):
    """The chain of refresh tokens of one sign-in; only the newest token of it is good."""

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


class RevokedDevice(Model):
    """A device whose access tokens are refused until they have all ended."""

    owner_id = fields.BigIntField()
    device_id = fields.BigIntField(primary_key=True, generated=False)
    revoked_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "revoked_devices"


class Follow(Model):
    """`owner_id` follows `followee_id`."""

    owner_id = fields.BigIntField()
    followee_id = fields.BigIntField()
    id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "follows"


class Block(Model):
    """A block, once in each of the two people's partitions, so that either side finds it among its own rows.

    `outgoing` is true in the row of the one who blocks.
    """

    owner_id = fields.BigIntField()
    other_id = fields.BigIntField()
    outgoing = fields.BooleanField()
    id = fields.BigIntField(primary_key=True, generated=False)
    created_at = fields.DatetimeField()

    class Meta(Model.Meta):
        table = "blocks"


class UserCount(Model):
    """The folded part of a person's counts; what is newer stands in `count_deltas`."""

    user_id = fields.BigIntField(primary_key=True, generated=False)
    followers = fields.BigIntField()
    following = fields.BigIntField()
    posts = fields.BigIntField()

    class Meta(Model.Meta):
        table = "user_counts"


class Visit(Model):
    """When a person was last there, to the day, and the time before; whoever has no row counts as there."""

    owner_id = fields.BigIntField(primary_key=True, generated=False)
    last_at = fields.DatetimeField()
    previous_at = fields.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "visits"
