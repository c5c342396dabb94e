"""What an app's settings change: devices, push, profile, password."""

from enum import Enum
from typing import Annotated, Any

import strawberry

from core.global_ids import global_id
from schema.problems import (
    InvalidCredentialsProblem,
    InvalidInputProblem,
    NotFoundProblem,
    RateLimitedProblem,
    SessionExpiredProblem,
)
from schema.row import Row, derived, id_writer
from schema.users.types import Device, User


@strawberry.enum(description="Who brings notifications to a device.")
class PushProvider(Enum):
    """Stored by name."""

    FCM = strawberry.enum_value("FCM", description="Firebase Cloud Messaging.")
    APNS = strawberry.enum_value("APNS", description="Apple Push Notification service.")


@strawberry.input(description="A device to sign out.")
class RevokeDeviceInput:
    """Checked by `services.users.devices`."""

    device_id: strawberry.ID = strawberry.field(description="One of the signed-in person's own.")


@strawberry.input(description="Where to push notifications to.")
class RegisterPushTokenInput:
    """Checked by `services.users.push_tokens`."""

    token: str = strawberry.field(description="What the platform gave the app, as it is.")
    provider: PushProvider = strawberry.field(description="Which platform gave it.")


@strawberry.input(description="What is to change; what is left out stays as it is.")
class UpdateProfileInput:
    """Checked by `services.users.profile`."""

    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 50 letters.")
    bio: str | None = strawberry.field(default=strawberry.UNSET, description="Up to 500 letters; null for none.")
    avatar_url: str | None = strawberry.field(
        default=strawberry.UNSET, description="Address of a picture, https:// only; null for none."
    )


@strawberry.input(description="Another password.")
class ChangePasswordInput:
    """Checked by `services.users.change_password`."""

    current_password: str = strawberry.field(description="The one of now.")
    new_password: str = strawberry.field(description="8 to 128 letters, and none of those that are known from thefts.")


@strawberry.type(description="Signed out, there.")
class RevokeDeviceSuccess(Row):
    """Rows: `services.users.devices.EndedRow`."""

    device_id: strawberry.ID = derived(id_writer("Device", "owner_id"), description="The device that was signed out.")


def _device_ids(row: Any) -> list[str]:
    return [global_id("Device", row["owner_id"], device_id) for device_id in row["ids"]]


@strawberry.type(description="Signed out everywhere else.")
class RevokeOtherDevicesSuccess(Row):
    """Rows: `services.users.devices.OthersEndedRow`."""

    device_ids: list[strawberry.ID] = derived(_device_ids, description="The devices that were signed out.")


@strawberry.type(description="Notifications are pushed to this device.")
class RegisterPushTokenSuccess(Row):
    """Rows: `services.users.push_tokens.RegisterPushTokenSuccessRow`."""

    device: Device = strawberry.field(description="The device that asked.")


@strawberry.type(description="Changed.")
class UpdateProfileSuccess(Row):
    """Rows: `services.users.profile.UpdateProfileSuccessRow`."""

    user: User = strawberry.field(description="The signed-in person as others see them now.")


@strawberry.type(description="Changed, and signed out everywhere else.")
class ChangePasswordSuccess(Row):
    """Rows: `services.users.change_password.ChangePasswordSuccessRow`."""

    device_ids: list[strawberry.ID] = derived(_device_ids, description="The devices that were signed out.")


RevokeDeviceResult = Annotated[
    RevokeDeviceSuccess | NotFoundProblem,
    strawberry.union("RevokeDeviceResult", description="Which device was signed out, or why none was."),
]
RevokeOtherDevicesResult = Annotated[
    RevokeOtherDevicesSuccess | SessionExpiredProblem,
    strawberry.union("RevokeOtherDevicesResult", description="Which devices were signed out."),
]
RegisterPushTokenResult = Annotated[
    RegisterPushTokenSuccess | InvalidInputProblem | SessionExpiredProblem,
    strawberry.union("RegisterPushTokenResult", description="The device, or why nothing is pushed to it."),
]
UpdateProfileResult = Annotated[
    UpdateProfileSuccess | InvalidInputProblem,
    strawberry.union("UpdateProfileResult", description="The profile of now, or why it stays as it was."),
]
ChangePasswordResult = Annotated[
    ChangePasswordSuccess | InvalidInputProblem | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("ChangePasswordResult", description="That it is another one, or why it is not."),
]
