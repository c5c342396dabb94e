"""Reads and compares versions of apps, and reads the settings that name them."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.apps import is_app_name
from core.errors import SettingsError

_MAX_LENGTH = 50
_VERSION = re.compile(r"[vV]?(\d+(?:\.\d+){0,5})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_STORE_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::(\d{1,5}))?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+;=%-]*)?", re.ASCII)
_MAX_URL_LENGTH, _HTTPS_PORT, _MAX_PORT = 500, 443, 65535


class ReleaseVersion(NamedTuple):
    """A version, in the order of Semantic Versioning (https://semver.org/#spec-item-11).

    `numbers` has no zeros at its end, so 4.2 equals 4.2.0. A pre-release is older than its release.
    """

    numbers: tuple[int, ...]
    is_release: bool
    pre_release: tuple[tuple[bool, int, str], ...]
    """The identifiers: numbers are older than texts."""


def read_version(text: str) -> ReleaseVersion | None:
    """Returns the version of a text such as `4.2.0` or `4.2.0-beta.1`, or None if it is no version.

    Build numbers do not count: `+1234`, and `-1234` as Apollo iOS sends it.
    """
    match = _VERSION.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    suffix = match[2] or ""
    if suffix.isdigit():
        suffix = ""
    return ReleaseVersion(tuple(numbers), not suffix, tuple(map(_identifier, suffix.split("."))) if suffix else ())


def read_versions(variable: str, text: str) -> Mapping[str, str]:
    """Reads `APP=VERSION[,APP=VERSION…]`. Raises `SettingsError`, which names the invalid part."""
    return _read(
        variable, text, "APP=VERSION, such as ios=4.2.0, without a build number and with each app once", _is_comparable
    )


def read_store_urls(variable: str, text: str) -> Mapping[str, str]:
    """Reads `APP=URL[,APP=URL…]`. Raises `SettingsError`, which names the invalid part."""
    expected = "APP=URL, such as ios=https://apps.apple.com/app/id1, with each app once"
    return _read(variable, text, expected, _is_store_url)


def check_recommended(minimums: Mapping[str, str], recommended: Mapping[str, str]) -> None:
    """Raises `SettingsError` for a recommended version that is older than the minimum, and so is rejected."""
    for app, text in recommended.items():
        version, minimum = read_version(text), read_version(minimums.get(app, ""))
        if version is not None and minimum is not None and version < minimum:
            raise SettingsError(
                f"BFF_RECOMMENDED_VERSIONS: '{app}={text}' is older than BFF_MIN_VERSIONS, {app}={minimums[app]}"
            )


def _read(variable: str, text: str, expected: str, is_valid: Callable[[str], bool]) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        app, _, value = (piece.strip() for piece in part.partition("="))
        if not is_app_name(app) or app in values or not is_valid(value):
            raise SettingsError(f"{variable}: {part!r} is not {expected}")
        values[app] = value
    return values


def _is_comparable(text: str) -> bool:
    """Returns whether a text is a version without a build number, which would not count."""
    _, _, suffix = text.partition("-")
    return read_version(text) is not None and "+" not in text and not suffix.isdigit()


def _is_store_url(text: str) -> bool:
    match = _STORE_URL.fullmatch(text) if len(text) <= _MAX_URL_LENGTH else None
    return match is not None and 1 <= int(match[1] or _HTTPS_PORT) <= _MAX_PORT


def _identifier(text: str) -> tuple[bool, int, str]:
    return (False, int(text), "") if text.isdigit() else (True, 0, text)
