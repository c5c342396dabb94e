"""The operations of shipped apps: a folder of manifests and documents for each version of each app."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from schema_check.folders import (
    MAX_FILES,
    FolderFiles,
    contents_of,
    entries_of,
    files_below,
    is_document,
    is_manifest,
    may_be_version,
    texts_of,
    unread_files_warning,
)
from schema_check.manifests import (
    AppVersion,
    Manifest,
    ManifestError,
    ManifestOperation,
    UnknownFormat,
    read_app_version,
    read_graphql_files,
    read_manifest,
)

_UNKNOWN_KIND = "neither .graphql, .gql nor .json"
_NO_MANIFEST = "JSON that is not a manifest"
_BESIDE = "beside the folders of apps, so of no version"


class ShippedVersion(NamedTuple):
    """What one version of an app sends."""

    app: AppVersion
    manifest: Manifest


class ShippedOperations(NamedTuple):
    """All that was read of a folder."""

    versions: Sequence[ShippedVersion] = ()
    files: int = 0
    """How many files the operations were read from."""
    warnings: Sequence[str] = ()

    @property
    def operations(self) -> int:
        return sum(len(each.manifest.operations) for each in self.versions)


def read_shipped(folder: Path) -> ShippedOperations:
    """Every version below a folder.

    Without any `<app>/<version>`, all documents below the folder are one app, called like the folder.
    """
    if not folder.is_dir():
        raise ManifestError(f"There is no folder {folder} with the operations of apps.")
    reader = _Reader()
    entries = entries_of(folder)
    apps = [path for path in entries if path.is_dir() and not may_be_version(path)]
    if any(map(may_be_version, [*entries, *(inner for app in apps for inner in entries_of(app))])):
        reader.versions(folder, entries)
    else:
        reader.loose(folder)
    return reader.reading()


class _Reader:
    def __init__(self) -> None:
        self.found: list[ShippedVersion] = []
        self.files = 0
        self.warnings: list[str] = []
        self.others: list[Path] = []
        self.no_manifests: list[Path] = []

    def reading(self) -> ShippedOperations:
        kinds = {_UNKNOWN_KIND: self.others, _NO_MANIFEST: self.no_manifests}
        warnings = [
            *self.warnings,
            *(said for why, paths in kinds.items() for said in unread_files_warning(paths, why)),
        ]
        ordered = sorted(self.found, key=lambda each: (each.app.app, each.app.numbers, each.app.version))
        return ShippedOperations(ordered, self.files, warnings)

    def versions(self, folder: Path, entries: Sequence[Path]) -> None:
        """Reads `<app>/<version>` below the folder, and `<version>` in it when it is the folder of one app."""
        places: list[Path] = []
        beside: list[Path] = []
        for path in entries:
            if may_be_version(path) or is_manifest(path):
                places.append(path)
            elif path.is_dir():
                inner = entries_of(path)
                kept = [each for each in inner if each.is_dir() or is_document(each) or is_manifest(each)]
                self.others += [each for each in inner if each not in kept]
                places += kept
            else:
                (beside if is_document(path) else self.others).append(path)
        if len(places) > MAX_FILES:
            raise ManifestError(f"{folder} holds {len(places)} versions of apps; {MAX_FILES} are the most.")
        self.warnings += unread_files_warning(beside, _BESIDE)
        for path in places:
            self.version(path)

    def version(self, path: Path) -> None:
        app = read_app_version(path.resolve() if path.parent.name in ("", "..") else path)
        try:
            files = files_below(path) if path.is_dir() else _file(path)
            self.add(app, path, self.operations(path, files))
        except ManifestError as error:
            raise ManifestError(f"{path}: {error}") from None

    def loose(self, folder: Path) -> None:
        """Reads all documents below a folder as one version. A manifest there is refused: its version is not known."""
        files = files_below(folder)
        for path in files.manifests:
            if _is_readable(path):
                raise ManifestError(f"{path} is a manifest, but not at {folder}/<app>/<version>.json.")
        self.no_manifests += files.manifests
        self.others += files.others
        if files.documents:
            manifest = self.documents(folder, files.documents)
            self.add(_app_of(folder), folder, [manifest])

    def operations(self, path: Path, files: FolderFiles) -> list[Manifest]:
        """Returns what the files of one version contain."""
        self.others += files.others
        made = [self.documents(path, files.documents)] if files.documents else []
        for each in files.manifests:
            try:
                read = read_manifest(contents_of(each))
                made.append(read._replace(operations=[one._replace(file=str(each)) for one in read.operations]))
                self.files += 1
            except UnknownFormat:
                if each == path:
                    raise
                self.no_manifests.append(each)
            except ManifestError as error:
                raise error if each == path else ManifestError(f"{each.relative_to(path)}: {error}") from None
        if path.is_dir() and not any(each.operations for each in made):
            raise ManifestError("There is no operation in it: no .graphql or .gql file, and no manifest, has any.")
        return made

    def documents(self, folder: Path, paths: Sequence[Path]) -> Manifest:
        self.files += len(paths)
        names = {path.name if path == folder else str(path.relative_to(folder)): path for path in paths}
        read = read_graphql_files(texts_of(names))
        return read._replace(operations=[each._replace(file=str(names[each.file])) for each in read.operations])

    def add(self, app: AppVersion, path: Path, manifests: Sequence[Manifest]) -> None:
        operations: list[ManifestOperation] = [each for manifest in manifests for each in manifest.operations]
        self.warnings += [f"{path}: {warning}" for manifest in manifests for warning in manifest.warnings]
        self.warnings += [] if operations else [f"{path} has no operations."]
        self.found.append(ShippedVersion(app, Manifest(manifests[0].format, operations)))


def _file(path: Path) -> FolderFiles:
    return FolderFiles([path], [], []) if is_document(path) else FolderFiles([], [path], [])


def _app_of(folder: Path) -> AppVersion:
    """The version that the folder's place names; else version 0 of an app that is called like the folder."""
    place = folder.resolve()
    try:
        return read_app_version(place)
    except ManifestError:
        return AppVersion(place.name, "0")


def _is_readable(path: Path) -> bool:
    try:
        return bool(read_manifest(contents_of(path)).operations)
    except ManifestError:
        return False
