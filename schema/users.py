"""People, devices and sessions."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from schema.problems import InvalidCredentialsProblem, InvalidInputProblem
from schema.row import Node, Row, node_id


@strawberry.enum(description="What kind of device an app runs on.")
class Platform(Enum):
    """Stored by name."""

    IOS = strawberry.enum_value("IOS", description="iPhone or iPad.")
    ANDROID = strawberry.enum_value("ANDROID", description="Android phone or tablet.")
    WEB = strawberry.enum_value("WEB", description="A browser.")


@strawberry.type(description="A person, as others see them.")
class User(Node):
    """Rows: `models.users.UserRow`."""

    id: strawberry.ID = node_id("User", owner="id")
    handle: str = strawberry.field(description="Unique name in lower case, without the @.")
    name: str = strawberry.field(description="Display name.")
    bio: str | None = strawberry.field(
        description="What they say about themselves; null for somebody you have blocked."
    )
    avatar_url: str | None = strawberry.field(description="Address of their picture; null when they have none.")
    created_at: datetime = strawberry.field(description="When they joined.")


@strawberry.type(description="A device that is signed in, as its owner sees it.")
class Device(Node):
    """Rows: `models.users.DeviceRow`."""

    id: strawberry.ID = node_id("Device", owner="owner_id")
    name: str = strawberry.field(description="What its owner knows it by, like `Ana's phone`.")
    platform: Platform = strawberry.field(description="What kind of device it is.")


@strawberry.type(description="The tokens of one device. Keep both in the platform's key store.")
class Session(Row):
    """Rows: `services.users.sessions.SessionRow`."""

    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …` with every request.")
    refresh_token: str = strawberry.field(description="Opaque. Exchanged for new tokens when the access token ends.")
    expires_at: datetime = strawberry.field(description="When the access token ends.")
    device: Device = strawberry.field(description="The device that is signed in with these tokens.")


@strawberry.input(description="The device that signs in.")
class DeviceInput:
    """Checked by `services.users.sessions`."""

    name: str = strawberry.field(description="What its owner will know it by, 1 to 100 letters.")
    platform: Platform = strawberry.field(description="What kind of device it is.")
    app_version: str = strawberry.field(description="The app's version, like `4.2.0`, 1 to 32 letters.")
    locale: str | None = strawberry.field(default=None, description="Language of the app as a tag, like `en-GB`.")
    time_zone: str | None = strawberry.field(default=None, description="IANA time zone, like `Europe/Lisbon`.")


@strawberry.input(description="Who signs in, and on what.")
class LogInInput:
    """Checked by `services.users.log_in`."""

    email: str = strawberry.field(description="The account's e-mail address; letter case makes no difference.")
    password: str = strawberry.field(description="The account's password.")
    device: DeviceInput = strawberry.field(description="The device to open a session on.")


@strawberry.type(description="Signed in.")
class LogInSuccess(Row):
    """Rows: `services.users.log_in.LogInSuccessRow`."""

    session: Session = strawberry.field(description="The new session of this device.")
    user: User = strawberry.field(description="Who is signed in now.")


LogInResult = Annotated[
    LogInSuccess | InvalidInputProblem | InvalidCredentialsProblem,
    strawberry.union("LogInResult", description="A session, or why there is none."),
]
