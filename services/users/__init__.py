"""People, their sessions and devices."""

from services.users.log_in import LogIn, log_in
from services.users.people import blocked_users, devices, find_by_handle, find_user_id, own_email
from services.users.sessions import NewDevice, open_session

__all__ = [
    "LogIn",
    "NewDevice",
    "blocked_users",
    "devices",
    "find_by_handle",
    "find_user_id",
    "log_in",
    "open_session",
    "own_email",
]
