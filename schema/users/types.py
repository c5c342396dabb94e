"""People, devices and sessions as they look."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from schema.connections import Connection
from schema.context import Info
from schema.row import Node, Row, column_or_loaded, connection, loaded, node_id

if TYPE_CHECKING:
    from schema.feed import Post


@strawberry.enum(description="What kind of device an app runs on.")
class Platform(Enum):
    """Stored by name."""

    IOS = strawberry.enum_value("IOS", description="iPhone or iPad.")
    ANDROID = strawberry.enum_value("ANDROID", description="Android phone or tablet.")
    WEB = strawberry.enum_value("WEB", description="A browser.")


def _count(column: str, description: str) -> Any:
    return loaded("counts_by_user", key=("id",), inlined="counts", pick=column, description=description)


def _own(column: str, description: str) -> Any:
    """A column that a person joined into another row comes without."""
    return column_or_loaded(column, "user_by_id", key=("id",), description=description)


@strawberry.type(description="A person, as others see them.")
class User(Node):
    """Rows: `models.users.UserRow`."""

    id: strawberry.ID = node_id("User", owner="id")
    handle: str = strawberry.field(description="Unique name in lower case, without the @.")
    name: str = strawberry.field(description="Display name.")
    bio: str | None = _own("bio", "What they say about themselves; null for somebody you have blocked.")
    avatar_url: str | None = strawberry.field(description="Address of their picture; null when they have none.")
    created_at: datetime = _own("created_at", "When they joined.")
    follower_count: int = _count("followers", "How many people follow them; 0 for somebody you have blocked.")
    following_count: int = _count("following", "How many people they follow; 0 for somebody you have blocked.")
    post_count: int = _count("posts", "How many posts they have; 0 for somebody you have blocked.")
    followed_by_viewer: bool = loaded(
        "followed_by_viewer",
        key=("id",),
        inlined="followed_by_viewer",
        description="Whether the signed-in person follows them; false when nobody is signed in.",
    )

    @strawberry.field(description="Whether the signed-in person has blocked them; false when nobody is signed in.")
    @staticmethod
    async def blocked_by_viewer(root: strawberry.Parent[Any], info: Info) -> bool:
        return root["id"] in (await info.context.policy.blocks()).blocking

    posts: Connection[Annotated["Post", strawberry.lazy("schema.feed")]] | None = connection(
        "posts_by_author", key=("id",), list_name="User.posts", description="Their posts, newest first."
    )
    followers: Connection["User"] | None = connection(
        "followers_by_user", key=("id",), list_name="User.followers", description="Who follows them, the latest first."
    )


@strawberry.type(description="A device that is signed in, as its owner sees it.")
class Device(Node):
    """Rows: `models.users.DeviceRow`."""

    id: strawberry.ID = node_id("Device", owner="owner_id")
    name: str = strawberry.field(description="What its owner knows it by, like `Ana's phone`.")
    platform: Platform = strawberry.field(description="What kind of device it is.")
    app_version: str = strawberry.field(description="The app's version when it was last seen.")
    last_seen_at: datetime = strawberry.field(description="When it was last used.")
    current: bool = strawberry.field(description="Whether it is the device that asks.")
    push_enabled: bool = strawberry.field(description="Whether it takes push notifications.")


@strawberry.type(description="The tokens of one device. Keep both in the platform's key store.")
class Session(Row):
    """Rows: `services.users.sessions.SessionRow`."""

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …` with every request.")
    refresh_token: str = strawberry.field(description="Opaque. Exchanged for new tokens when the access token ends.")
    expires_at: datetime = strawberry.field(description="When the access token ends.")
    device: Device = strawberry.field(description="The device that is signed in with these tokens.")
