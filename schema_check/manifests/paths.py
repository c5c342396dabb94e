"""Reads the app and its version from the path of a manifest: `<app>/<version>.json`."""

import re
from pathlib import PurePath
from typing import NamedTuple

from schema_check.manifests.types import ManifestError

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+][A-Za-z0-9.+-]{1,64})?", re.ASCII)


DOCUMENTS = (".graphql", ".gql")
"""The suffixes of files with operations and fragments."""
_SUFFIXES = (".json", *DOCUMENTS)


class AppVersion(NamedTuple):
    """Names a version of an app."""

    app: str
    version: str

    def __str__(self) -> str:
        return f"{self.app} {self.version}"

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers by which versions are ordered."""
        return numbers_of(self.version)


def read_app_version(path: PurePath) -> AppVersion:
    """Returns the version that a path ends with: `<app>/<version>.json`, or `<app>/<version>` for other files."""
    if not _APP.fullmatch(path.parent.name) or not is_version(path):
        raise ManifestError(f"{path} is not at <app>/<version>.json, like ios/4.2.0.json.")
    return AppVersion(path.parent.name, _version(path))


def is_version(path: PurePath) -> bool:
    """Returns whether a path is named like a version: `4.2.0`, `4.2.0.json`, `4.2.0.graphql`."""
    return _VERSION.fullmatch(_version(path)) is not None


def _version(path: PurePath) -> str:
    return path.stem if path.suffix.lower() in _SUFFIXES else path.name


def numbers_of(version: str) -> tuple[int, ...]:
    """Returns the numbers by which versions are ordered: 4.10 comes after 4.9.1, and 4.2.0-beta equals 4.2."""
    match = _VERSION.fullmatch(version)
    if not match:
        raise ManifestError(f"{version!r} is not a version like 4.2.0.")
    numbers = [int(number) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
