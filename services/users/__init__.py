"""People, their sessions and devices."""

from services.users.log_in import LogIn, log_in
from services.users.people import find_user, find_user_id
from services.users.sessions import NewDevice, open_session

__all__ = ["LogIn", "NewDevice", "find_user", "find_user_id", "log_in", "open_session"]
