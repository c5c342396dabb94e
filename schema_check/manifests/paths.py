"""Where a manifest lies says whose it is: `<app>/<version>.json`."""

import re
from pathlib import PurePath
from typing import NamedTuple

from schema_check.manifests.types import ManifestError

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+][A-Za-z0-9.+-]{1,64})?", re.ASCII)


DOCUMENTS = (".graphql", ".gql")
"""How files of operations and fragments end."""
_SUFFIXES = (".json", *DOCUMENTS)


class AppVersion(NamedTuple):
    """A version of an app that people have installed."""

    app: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return numbers_of(self.version)


def read_app_version(path: PurePath) -> AppVersion:
    """Of `<app>/<version>.json`, or of `<app>/<version>` when that is a folder or a file of documents."""
    if not _APP.fullmatch(path.parent.name) or not is_version(path):
        raise ManifestError(f"{path} is not at <app>/<version>.json, as ios/4.2.0.json is.")
    return AppVersion(path.parent.name, _version(path))


def is_version(path: PurePath) -> bool:
    """Whether a path is named like a version, as `4.2.0`, `4.2.0.json` and `4.2.0.graphql` are."""
    return _VERSION.fullmatch(_version(path)) is not None


def _version(path: PurePath) -> str:
    return path.stem if path.suffix.lower() in _SUFFIXES else path.name


def numbers_of(version: str) -> tuple[int, ...]:
    """What versions are ordered by: 4.10 comes after 4.9.1, and 4.2.0-beta is 4.2."""
    found = _VERSION.fullmatch(version)
    if not found:
        raise ManifestError(f"{version!r} is not a version like 4.2.0.")
    numbers = [int(number) for number in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
