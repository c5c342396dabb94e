"""Accounts: sign-up, sign-in, sessions, devices, profiles and deletion."""

from services.users.change_password import ChangePassword, change_password
from services.users.delete_account import DeleteAccount, delete_account
from services.users.device_description import NewDevice
from services.users.devices import log_out, revoke_device, revoke_other_devices
from services.users.log_in import LogIn, log_in
from services.users.lookup import blocked_users, devices, find_by_handle, find_user_id, own_email
from services.users.password_confirmation import check_password
from services.users.profile import ProfileChanges, update_profile
from services.users.push_tokens import PushToken, register_push_token
from services.users.refresh import refresh_session
from services.users.sessions import open_session
from services.users.sign_up import SignUp, sign_up

__all__ = [
    "ChangePassword",
    "DeleteAccount",
    "LogIn",
    "NewDevice",
    "ProfileChanges",
    "PushToken",
    "SignUp",
    "blocked_users",
    "change_password",
    "check_password",
    "delete_account",
    "devices",
    "find_by_handle",
    "find_user_id",
    "log_in",
    "log_out",
    "open_session",
    "own_email",
    "refresh_session",
    "register_push_token",
    "revoke_device",
    "revoke_other_devices",
    "sign_up",
    "update_profile",
]
