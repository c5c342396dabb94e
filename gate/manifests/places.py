"""Where a manifest lies says whose it is: `<app>/<version>.json`."""

import re
from pathlib import PurePath
from typing import NamedTuple

from gate.manifests.types import ManifestError

_APP = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)
_VERSION = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,5})(?:[-+][A-Za-z0-9.+-]{1,64})?", re.ASCII)


class AppVersion(NamedTuple):
    """A version of an app that people have installed."""

    app: str
    version: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return numbers_of(self.version)


def read_app_version(path: PurePath) -> AppVersion:
    """Of `<app>/<version>.json`, or of `<app>/<version>` when that is a folder or a `.graphql` file."""
    version = path.stem if path.suffix in (".json", ".graphql") else path.name
    if not _APP.fullmatch(path.parent.name) or not _VERSION.fullmatch(version):
        raise ManifestError(f"{path} is not at <app>/<version>.json, as ios/4.2.0.json is.")
    return AppVersion(path.parent.name, version)


def numbers_of(version: str) -> tuple[int, ...]:
    """What versions are ordered by: 4.10 comes after 4.9.1, and 4.2.0-beta is 4.2."""
    found = _VERSION.fullmatch(version)
    if not found:
        raise ManifestError(f"{version!r} is not a version like 4.2.0.")
    numbers = [int(number) for number in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
