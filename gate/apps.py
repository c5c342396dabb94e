"""The operations of shipped apps: a folder of `<app>/<version>.json`, or of `.graphql` files."""

from pathlib import Path
from typing import NamedTuple

from gate.manifests import AppVersion, Manifest, ManifestError, read_app_version, read_graphql_files, read_manifest

MAX_FILES = 10_000


class Shipped(NamedTuple):
    """What one version of an app sends."""

    app: AppVersion
    manifest: Manifest


def read_shipped(folder: Path) -> list[Shipped]:
    """Every version below a folder. `.graphql` files beside no app's folder are one app, called like the folder."""
    if not folder.is_dir():
        raise ManifestError(f"There is no folder {folder} with the operations of apps.")
    found = [_version(path) for path in _versions(folder)]
    if not found:
        loose = sorted(folder.glob("*.graphql"))
        found = [Shipped(AppVersion(folder.resolve().name, "0"), _files(loose))] if loose else []
    return sorted(found, key=lambda shipped: (shipped.app.app, shipped.app.numbers, shipped.app.version))


def _versions(folder: Path) -> list[Path]:
    places = [
        path
        for app in sorted(folder.iterdir())
        if app.is_dir() and not app.name.startswith(".")
        for path in sorted(app.iterdir())
        if path.is_dir() or path.suffix in (".json", ".graphql")
    ]
    # A folder of one app may be given too; its name is then the app's.
    places += sorted(folder.glob("*.json"))
    if len(places) > MAX_FILES:
        raise ManifestError(f"{folder} holds {len(places)} versions of apps; {MAX_FILES} are the most.")
    return places


def _version(path: Path) -> Shipped:
    app = read_app_version(path.resolve() if path.parent.name in ("", "..") else path)
    try:
        if path.suffix == ".json":
            return Shipped(app, read_manifest(path.read_bytes()))
        return Shipped(app, _files(sorted(path.rglob("*.graphql")) if path.is_dir() else [path]))
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from None
    except ManifestError as error:
        raise ManifestError(f"{path}: {error}") from None


def _files(paths: list[Path]) -> Manifest:
    if not paths:
        raise ManifestError("There is no .graphql file in it.")
    try:
        return read_graphql_files({path.name: path.read_text(encoding="utf-8") for path in paths})
    except UnicodeDecodeError:
        raise ManifestError("A .graphql file is not UTF-8.") from None
