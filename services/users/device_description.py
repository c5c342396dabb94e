"""Descriptions that devices send. They are normalized or dropped, because they do not decide about the sign-in."""

import re
from dataclasses import dataclass

from core import text
from core.time_zones import time_zone

MAX_NAME_LENGTH = 100
MAX_APP_VERSION_LENGTH = 32
MAX_LOCALE_LENGTH = 35

UNKNOWN_VERSION = "unknown"
_NAMES = {"IOS": "iOS device", "ANDROID": "Android device", "WEB": "Browser"}
_SUBTAG = re.compile(r"[A-Za-z0-9]{1,8}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}")


@dataclass(frozen=True, slots=True)
class NewDevice:
    """The description that a device sends; `platform` is one of IOS, ANDROID, WEB."""

    name: str
    platform: str
    app_version: str
    locale: str | None = None
    time_zone: str | None = None


def normalize_device(device: NewDevice) -> NewDevice:
    """Returns the device as it is stored. No value is rejected."""
    return NewDevice(
        name=text.visible_line(device.name, max_length=MAX_NAME_LENGTH) or _NAMES[device.platform],
        platform=device.platform,
        app_version=text.visible_line(device.app_version, max_length=MAX_APP_VERSION_LENGTH) or UNKNOWN_VERSION,
        locale=None if device.locale is None else language_tag(device.locale),
        time_zone=None if device.time_zone is None else time_zone(device.time_zone),
    )


def language_tag(value: str) -> str | None:
    """Returns language, script, region and variants of a BCP 47 tag or a POSIX locale, without extensions.

    Subtags at the end are dropped if the tag is longer than 35 characters. Returns None if it begins with no language.
    """
    language, *others = re.split(r"[.@]", value[: 4 * MAX_LOCALE_LENGTH])[0].strip().replace("_", "-").split("-")
    if not _LANGUAGE.fullmatch(language):
        return None
    tag = language
    for subtag in others:
        if len(subtag) < 2 or not _SUBTAG.fullmatch(subtag) or len(tag) + 1 + len(subtag) > MAX_LOCALE_LENGTH:  # noqa: PLR2004 - one letter begins an extension
            break
        tag = f"{tag}-{subtag}"
    return tag
