"""Inputs and results of devices, push tokens, profile and password."""

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


@strawberry.enum(description="The push service of a device.")
class PushProvider(Enum):
    """Its values are stored by name."""

    FCM = strawberry.enum_value("FCM", description="Firebase Cloud Messaging.")
    APNS = strawberry.enum_value("APNS", description="Apple Push Notification service.")


@strawberry.input(description="A device to sign out.")
class RevokeDeviceInput:
    """Checked by `services.users.devices`."""

    device_id: strawberry.ID = strawberry.field(description="The id of a device of the signed-in user.")


@strawberry.input(description="A push token to register.")
class RegisterPushTokenInput:
    """Checked by `services.users.push_tokens`."""

    token: str = strawberry.field(description="The token of the platform, unchanged.")
    provider: PushProvider = strawberry.field(description="The platform of the token.")


@strawberry.input(description="The changes of the profile; omitted fields are unchanged.")
class UpdateProfileInput:
    """Checked by `services.users.profile`."""

    name: str | None = strawberry.field(default=strawberry.UNSET, description="Display name, 1 to 50 characters.")
    bio: str | None = strawberry.field(
        default=strawberry.UNSET, description="Biography, up to 500 characters; null for none."
    )
    avatar_url: str | None = strawberry.field(
        default=strawberry.UNSET, description="URL of a picture, https:// only; null for none."
    )


@strawberry.input(description="A new password.")
class ChangePasswordInput:
    """Checked by `services.users.change_password`."""

    current_password: str = strawberry.field(description="The current password.")
    new_password: str = strawberry.field(description="8 to 128 characters, and not in the list of breached passwords.")


@strawberry.type(description="The device was signed out.")
class RevokeDeviceSuccess(Row):
    """Describes a `services.users.devices.EndedRow`."""

    device_id: strawberry.ID = derived(id_writer("Device", "owner_id"), description="The device that was signed out.")


def _device_ids(row: Any) -> list[str]:
    return [global_id("Device", row["owner_id"], device_id) for device_id in row["ids"]]


@strawberry.type(description="All other devices were signed out.")
class RevokeOtherDevicesSuccess(Row):
    """Describes a `services.users.devices.OthersEndedRow`."""

    device_ids: list[strawberry.ID] = derived(_device_ids, description="The devices that were signed out.")


@strawberry.type(description="The device receives push notifications.")
class RegisterPushTokenSuccess(Row):
    """Describes a `services.users.push_tokens.RegisterPushTokenSuccessRow`."""

    device: Device = strawberry.field(description="The device of this request.")


@strawberry.type(description="The profile was changed.")
class UpdateProfileSuccess(Row):
    """Describes a `services.users.profile.UpdateProfileSuccessRow`."""

    user: User = strawberry.field(description="The signed-in user as others see them.")


@strawberry.type(description="The password was changed, and all other devices were signed out.")
class ChangePasswordSuccess(Row):
    """Describes a `services.users.change_password.ChangePasswordSuccessRow`."""

    device_ids: list[strawberry.ID] = derived(_device_ids, description="The devices that were signed out.")


RevokeDeviceResult = Annotated[
    RevokeDeviceSuccess | NotFoundProblem,
    strawberry.union("RevokeDeviceResult", description="The id of the device, or a problem."),
]
RevokeOtherDevicesResult = Annotated[
    RevokeOtherDevicesSuccess | SessionExpiredProblem,
    strawberry.union("RevokeOtherDevicesResult", description="The ids of the devices."),
]
RegisterPushTokenResult = Annotated[
    RegisterPushTokenSuccess | InvalidInputProblem | SessionExpiredProblem,
    strawberry.union("RegisterPushTokenResult", description="The device, or a problem."),
]
UpdateProfileResult = Annotated[
    UpdateProfileSuccess | InvalidInputProblem,
    strawberry.union("UpdateProfileResult", description="The profile, or a problem."),
]
ChangePasswordResult = Annotated[
    ChangePasswordSuccess | InvalidInputProblem | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("ChangePasswordResult", description="The ids of the devices that were signed out, or a problem."),
]
