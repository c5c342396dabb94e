"""What settings say of apps, by the names that apps have."""

import re
from collections.abc import Mapping

from core.errors import SettingsError

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


def read_apps(variable: str, text: str) -> Mapping[str, str]:
    """The app by the name that its clients send, of `APP=NAME[,APP=NAME…]`; `SettingsError` names the wrong part."""
    apps: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        app, _, name = (each.strip() for each in part.partition("="))
        if not _APP.fullmatch(app) or not name:
            raise SettingsError(f"{variable}: '{part}' is not like ios=com.example.app-apollo-ios")
        if apps.setdefault(name, app) != app:
            raise SettingsError(f"{variable}: '{name}' cannot be both {apps[name]} and {app}")
    return apps
