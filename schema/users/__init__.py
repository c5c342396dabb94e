"""People, devices and sessions, and what changes them."""

from schema.users.account import (
    ChangePasswordInput,
    ChangePasswordResult,
    RegisterPushTokenInput,
    RegisterPushTokenResult,
    RevokeDeviceInput,
    RevokeDeviceResult,
    RevokeOtherDevicesResult,
    UpdateProfileInput,
    UpdateProfileResult,
)
from schema.users.security import SecurityEvent
from schema.users.sign_in import (
    DeviceInput,
    LogInInput,
    LogInResult,
    LogOutResult,
    RefreshSessionInput,
    RefreshSessionResult,
    SignUpInput,
    SignUpResult,
)
from schema.users.things import Device, User

__all__ = [
    "ChangePasswordInput",
    "ChangePasswordResult",
    "Device",
    "DeviceInput",
    "LogInInput",
    "LogInResult",
    "LogOutResult",
    "RefreshSessionInput",
    "RefreshSessionResult",
    "RegisterPushTokenInput",
    "RegisterPushTokenResult",
    "RevokeDeviceInput",
    "RevokeDeviceResult",
    "RevokeOtherDevicesResult",
    "SecurityEvent",
    "SignUpInput",
    "SignUpResult",
    "UpdateProfileInput",
    "UpdateProfileResult",
    "User",
]
