"""Reads the settings of apps: their names, and the mode of trusted documents of each."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from core.errors import SettingsError

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


def is_app_name(text: str) -> bool:
    """Returns whether a text can be the name of an app in settings."""
    return _APP.fullmatch(text) is not None


def read_apps(variable: str, text: str) -> Mapping[str, str]:
    """Reads `APP=NAME[,APP=NAME…]`. Returns the app for each name that clients send.

    Raises `SettingsError`, which names the invalid part.
    """
    apps: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        app, _, name = (value.strip() for value in part.partition("="))
        if not is_app_name(app) or not name or "=" in name:
            raise SettingsError(f"{variable}: {part!r} is not APP=NAME, such as ios=com.example.app-apollo-ios")
        if apps.setdefault(name, app) != app:
            raise SettingsError(f"{variable}: {name!r} is the name of two apps, {apps[name]} and {app}")
    return apps


class TrustMode(StrEnum):
    """The treatment of documents that are not registered."""

    OFF = "off"
    REPORT = "report"
    ENFORCE = "enforce"


class TrustModes(NamedTuple):
    """The modes of the named apps, and the mode of all others."""

    others: TrustMode
    by_app: Mapping[str, TrustMode]

    def of(self, app: str) -> TrustMode:
        return self.by_app.get(app, self.others)


def read_trust_modes(variable: str, text: str) -> TrustModes:
    """Reads `MODE[,APP=MODE…]`. Raises `SettingsError`, which names the invalid part."""
    first, *rest = (part.strip() for part in text.split(","))
    by_app: dict[str, TrustMode] = {}
    for part in rest:
        app, _, mode = (value.strip() for value in part.partition("="))
        if not is_app_name(app) or app in by_app:
            raise SettingsError(f"{variable}: {part!r} is not APP=MODE, such as web=report, with each app once")
        by_app[app] = _mode(variable, mode)
    return TrustModes(_mode(variable, first), by_app)


def _mode(variable: str, text: str) -> TrustMode:
    try:
        return TrustMode(text)
    except ValueError:
        raise SettingsError(
            f"{variable}: {text!r} is not a mode; use off, report or enforce, then APP=MODE for apps with another mode"
        ) from None
