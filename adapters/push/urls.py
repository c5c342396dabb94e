"""Reads engine URLs of push notifications, and the files that they name."""

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from core.errors import SettingsError

URL = "BFF_PUSH_URL"


def split(url: str) -> SplitResult:
    """Returns the parts of a URL like `fcm:///PATH` or `fcm://HOST:PORT/PATH`. Raises `SettingsError`."""
    try:
        parts = urlsplit(url)
        valid = "@" not in parts.netloc and bool(not parts.netloc or (parts.hostname and parts.port))
    except ValueError:
        parts, valid = urlsplit(""), False
    if not valid or len(parts.path) < len("/x") or parts.fragment:
        raise SettingsError(f"{URL}: this is not a URL like fcm:///run/secrets/account.json")
    return parts


def read_secret(path: str) -> bytes:
    """Returns the contents of a file. Raises `SettingsError`."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{URL}: cannot read {path}: {error.strerror}") from None
