"""What settings say of apps, by the names that apps have."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

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


class TrustMode(StrEnum):
    """What becomes of a document that is not in the list of trusted ones."""

    OFF = "off"
    REPORT = "report"
    ENFORCE = "enforce"


class TrustModes(NamedTuple):
    """The mode of the apps that are named, and of all others."""

    others: TrustMode
    by_app: Mapping[str, TrustMode]

    def of(self, app: str) -> TrustMode:
        return self.by_app.get(app, self.others)


def read_trust_modes(variable: str, text: str) -> TrustModes:
    """Of `MODE[,APP=MODE…]`; `SettingsError` says what is wrong."""
    first, *rest = (part.strip() for part in text.split(","))
    by_app: dict[str, TrustMode] = {}
    for part in rest:
        app, _, mode = (each.strip() for each in part.partition("="))
        if not _APP.fullmatch(app) or app in by_app:
            raise SettingsError(f"{variable}: '{part}' is not like web=report, once for each app")
        by_app[app] = _mode(variable, mode)
    return TrustModes(_mode(variable, first), by_app)


def _mode(variable: str, text: str) -> TrustMode:
    try:
        return TrustMode(text)
    except ValueError:
        raise SettingsError(
            f"{variable}: '{text}' is no mode; write off, report or enforce, and then APP=MODE for apps that differ"
        ) from None
