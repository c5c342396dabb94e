"""Users, devices and sessions: types, inputs and results."""

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
from schema.users.privacy import (
    DataExport,
    DeleteAccountInput,
    DeleteAccountResult,
    RequestDataExportInput,
    RequestDataExportResult,
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
from schema.users.types import Device, User

__all__ = [
    "ChangePasswordInput",
    "ChangePasswordResult",
    "DataExport",
    "DeleteAccountInput",
    "DeleteAccountResult",
    "Device",
    "DeviceInput",
    "LogInInput",
    "LogInResult",
    "LogOutResult",
    "RefreshSessionInput",
    "RefreshSessionResult",
    "RegisterPushTokenInput",
    "RegisterPushTokenResult",
    "RequestDataExportInput",
    "RequestDataExportResult",
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
