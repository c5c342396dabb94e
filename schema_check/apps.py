"""Reads the operations of shipped apps: manifests and documents in one folder per app and version."""

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
from schema_check.root_documents import uncovered_documents

_UNKNOWN_KIND = "not .graphql, .gql or .json"
_NO_MANIFEST = "JSON, but not a manifest"
_UNCOVERED = "outside the app folders, with operations that no app version contains"


class ShippedVersion(NamedTuple):
    """Holds the operations of one app version."""

    app: AppVersion
    manifest: Manifest


class ShippedOperations(NamedTuple):
    """Holds the app versions that were read from a folder."""

    versions: Sequence[ShippedVersion] = ()
    files: int = 0
    """The number of files that the operations were read from."""
    warnings: Sequence[str] = ()

    @property
    def operations(self) -> int:
        """The number of operations in all versions."""
        return sum(len(version.manifest.operations) for version in self.versions)


def read_shipped(folder: Path) -> ShippedOperations:
    """Returns every app version below a folder.

    Without any `<app>/<version>`, all documents below the folder are one app with the folder's name. Documents directly
    in the folder belong to no version. A warning names those with operations that no version contains.
    """
    if not folder.is_dir():
        raise ManifestError(f"There is no operations folder {folder}.")
    reader = _Reader()
    entries = entries_of(folder)
    apps = [path for path in entries if path.is_dir() and not may_be_version(path)]
    if any(map(may_be_version, [*entries, *(inner for app in apps for inner in entries_of(app))])):
        reader.read_versions(folder, entries)
    else:
        reader.read_documents_as_one_app(folder)
    return reader.shipped_operations()


class _Reader:
    def __init__(self) -> None:
        self.versions: list[ShippedVersion] = []
        self.files = 0
        self.warnings: list[str] = []
        self.others: list[Path] = []
        """Files that are neither documents nor JSON."""
        self.not_manifests: list[Path] = []
        """JSON files that are not manifests."""

    def shipped_operations(self) -> ShippedOperations:
        unread = {_UNKNOWN_KIND: self.others, _NO_MANIFEST: self.not_manifests}
        warnings = [text for reason, paths in unread.items() for text in unread_files_warning(paths, reason)]
        versions = sorted(self.versions, key=lambda one: (one.app.app, one.app.numbers, one.app.version))
        return ShippedOperations(versions, self.files, [*self.warnings, *warnings])

    def read_versions(self, folder: Path, entries: Sequence[Path]) -> None:
        """Reads `<app>/<version>` below the folder. In the folder of one app, reads `<version>`."""
        versions: list[Path] = []
        root_documents: list[Path] = []
        for path in entries:
            if may_be_version(path) or is_manifest(path):
                versions.append(path)
            elif path.is_dir():
                for inner in entries_of(path):
                    is_readable = inner.is_dir() or is_document(inner) or is_manifest(inner)
                    (versions if is_readable else self.others).append(inner)
            else:
                (root_documents if is_document(path) else self.others).append(path)
        if len(versions) > MAX_FILES:
            raise ManifestError(f"{folder} contains {len(versions)} app versions; the maximum is {MAX_FILES}.")
        for path in versions:
            self._read_version(path)
        operations = [operation for version in self.versions for operation in version.manifest.operations]
        self.warnings[:0] = unread_files_warning(uncovered_documents(root_documents, operations), _UNCOVERED)

    def read_documents_as_one_app(self, folder: Path) -> None:
        """Reads all documents below a folder as one version. Raises for a manifest: its version is unknown."""
        files = files_below(folder)
        for path in files.manifests:
            if _has_operations(path):
                raise ManifestError(f"{path} is a manifest, but not at {folder}/<app>/<version>.json.")
        self.not_manifests += files.manifests
        self.others += files.others
        if files.documents:
            manifest = self._read_documents(folder, files.documents)
            self._add(_app_of(folder), folder, [manifest])

    def _read_version(self, path: Path) -> None:
        app = read_app_version(path.resolve() if path.parent.name in ("", "..") else path)
        try:
            files = files_below(path) if path.is_dir() else _single_file(path)
            self._add(app, path, self._read_files(path, files))
        except ManifestError as error:
            raise ManifestError(f"{path}: {error}") from None

    def _read_files(self, path: Path, files: FolderFiles) -> list[Manifest]:
        self.others += files.others
        manifests = [self._read_documents(path, files.documents)] if files.documents else []
        for file in files.manifests:
            try:
                manifest = read_manifest(contents_of(file))
            except UnknownFormat:
                if file == path:
                    raise
                self.not_manifests.append(file)
            except ManifestError as error:
                raise error if file == path else ManifestError(f"{file.relative_to(path)}: {error}") from None
            else:
                operations = [operation._replace(file=str(file)) for operation in manifest.operations]
                manifests.append(manifest._replace(operations=operations))
                self.files += 1
        if path.is_dir() and not any(manifest.operations for manifest in manifests):
            raise ManifestError("The folder contains no operation in a .graphql or .gql file or in a manifest.")
        return manifests

    def _read_documents(self, folder: Path, paths: Sequence[Path]) -> Manifest:
        self.files += len(paths)
        names = {path.name if path == folder else str(path.relative_to(folder)): path for path in paths}
        manifest = read_graphql_files(texts_of(names))
        operations = [operation._replace(file=str(names[operation.file])) for operation in manifest.operations]
        return manifest._replace(operations=operations)

    def _add(self, app: AppVersion, path: Path, manifests: Sequence[Manifest]) -> None:
        operations: list[ManifestOperation] = [each for manifest in manifests for each in manifest.operations]
        self.warnings += [f"{path}: {warning}" for manifest in manifests for warning in manifest.warnings]
        self.warnings += [] if operations else [f"{path} has no operations."]
        self.versions.append(ShippedVersion(app, Manifest(manifests[0].format, operations)))


def _single_file(path: Path) -> FolderFiles:
    return FolderFiles([path], [], []) if is_document(path) else FolderFiles([], [path], [])


def _app_of(folder: Path) -> AppVersion:
    """Returns the version that the folder's path names, else version 0 of an app with the folder's name."""
    path = folder.resolve()
    try:
        return read_app_version(path)
    except ManifestError:
        return AppVersion(path.name, "0")


def _has_operations(path: Path) -> bool:
    try:
        return bool(read_manifest(contents_of(path)).operations)
    except ManifestError:
        return False
