"""The types of users, devices and sessions."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from engine.for_strawberry import READS
from schema.cache_control import controlled, count_of_others, of_viewer, public, uncached
from schema.connections import Connection
from schema.context import Info
from schema.row import Node, Row, column_or_loaded, connection, loaded, node_id

if TYPE_CHECKING:
    from schema.feed import Post


@strawberry.enum(description="The platform of a device.")
class Platform(Enum):
    """Its values are stored by name."""

    IOS = strawberry.enum_value("IOS", description="iPhone or iPad.")
    ANDROID = strawberry.enum_value("ANDROID", description="Android phone or tablet.")
    WEB = strawberry.enum_value("WEB", description="A browser.")


def _count(column: str, description: str) -> Any:
    return loaded("counts_by_user", key=("id",), inlined="counts", pick=column, description=description)


def _unless_joined(column: str, description: str) -> Any:
    """Returns a field for a column that joined users do not contain."""
    return column_or_loaded(column, "user_by_id", key=("id",), description=description)


@strawberry.type(description="A user, as others see them.", directives=[public()])
class User(Node):
    """Describes a `models.users.UserRow`."""

    id: strawberry.ID = node_id("User", owner="id")
    handle: str = strawberry.field(description="Unique name in lower case, without the @.")
    name: str = strawberry.field(description="Display name.")
    bio: str | None = _unless_joined("bio", "Biography; null for a blocked user.")
    avatar_url: str | None = strawberry.field(description="URL of the picture; null if there is none.")
    created_at: datetime = _unless_joined("created_at", "Time of the sign-up.")
    follower_count: int = controlled(
        _count("followers", "Number of followers; 0 for a blocked user."), count_of_others()
    )
    following_count: int = _count("following", "Number of followed users; 0 for a blocked user.")
    post_count: int = _count("posts", "Number of posts; 0 for a blocked user.")
    followed_by_viewer: bool = controlled(
        loaded(
            "followed_by_viewer",
            key=("id",),
            inlined="followed_by_viewer",
            description="Whether the signed-in user follows this user; false without a signed-in user.",
        ),
        of_viewer(),
    )

    @strawberry.field(
        description="Whether the signed-in user has blocked this user; false without a signed-in user.",
        directives=[of_viewer()],
        metadata={READS: ("id",)},
    )
    @staticmethod
    async def blocked_by_viewer(root: strawberry.Parent[Any], info: Info) -> bool:
        return root["id"] in (await info.context.policy.blocks()).blocking

    posts: Connection[Annotated["Post", strawberry.lazy("schema.feed")]] | None = connection(
        "posts_by_author",
        key=("id",),
        of_type="Post",
        list_name="User.posts",
        description="The user's posts, newest first.",
    )
    followers: Connection["User"] | None = connection(
        "followers_by_user",
        key=("id",),
        of_type="User",
        list_name="User.followers",
        description="The followers, latest first.",
    )


@strawberry.type(description="A signed-in device, as its owner sees it.", directives=[uncached()])
class Device(Node):
    """Describes a `models.users.DeviceRow`."""

    id: strawberry.ID = node_id("Device", owner="owner_id")
    name: str = strawberry.field(description="The name of the device, such as `Ana's phone`.")
    platform: Platform = strawberry.field(description="The kind of device.")
    app_version: str = strawberry.field(description="The app's version at its last use.")
    last_seen_at: datetime = strawberry.field(description="Time of the last use.")
    current: bool = strawberry.field(description="Whether it is the device of this request.")
    push_enabled: bool = strawberry.field(description="Whether it receives push notifications.")


@strawberry.type(description="The tokens of one device. Store both in the platform's key store.")
class Session(Row):
    """Describes a `services.users.sessions.SessionRow`."""

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …` with every request.")
    refresh_token: str = strawberry.field(description="Opaque. Exchange it for new tokens when the access token ends.")
    expires_at: datetime = strawberry.field(description="Expiry of the access token.")
    device: Device = strawberry.field(description="The device of these tokens.")
