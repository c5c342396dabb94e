"""Lists the files of an operations folder: documents, manifests, and other files."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from schema_check.manifests import ManifestError
from schema_check.manifests.paths import DOCUMENTS, is_version
from schema_check.wording import count_of

MANIFEST = ".json"
MAX_FILES = 10_000
SKIPPED = "node_modules"
"""A folder of third-party packages. It is skipped like hidden files."""
_MAX_NAMES = 10


class FolderFiles(NamedTuple):
    """Holds every file below a folder, sorted by path within each list."""

    documents: list[Path]
    manifests: list[Path]
    others: list[Path]


def files_below(folder: Path) -> FolderFiles:
    """Returns the files below a folder. Follows symbolic links and visits each folder once.

    Raises `ManifestError` for more than `MAX_FILES` files and for unreadable folders.
    """
    files = FolderFiles([], [], [])
    for number, path in enumerate(sorted(_walk(folder)), 1):
        if number > MAX_FILES:
            raise ManifestError(f"{folder} contains more than {MAX_FILES} files.")
        kind = files.documents if is_document(path) else files.manifests if is_manifest(path) else files.others
        kind.append(path)
    return files


def entries_of(folder: Path) -> list[Path]:
    """Returns the files and folders directly in a folder, without hidden ones."""
    try:
        return sorted(path for path in folder.iterdir() if not _is_skipped(path.name))
    except OSError as error:
        raise ManifestError(f"{folder} cannot be read: {error.strerror}.") from None


def contents_of(path: Path) -> bytes:
    """Returns the bytes of a file. Raises `ManifestError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from None


def texts_of(paths: Mapping[str, Path]) -> dict[str, str]:
    """Returns the texts of documents by the names in `paths`. Raises `ManifestError` for text that is not UTF-8."""
    texts: dict[str, str] = {}
    for name, path in paths.items():
        try:
            texts[name] = contents_of(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ManifestError(f"{name} is not UTF-8.") from None
    return texts


def is_document(path: Path) -> bool:
    """Returns whether the path is a .graphql or .gql file."""
    return path.suffix.lower() in DOCUMENTS and path.is_file()


def is_manifest(path: Path) -> bool:
    """Returns whether the path is a .json file. Its contents are not read."""
    return path.suffix.lower() == MANIFEST and path.is_file()


def may_be_version(path: Path) -> bool:
    """Returns whether the path is named like a version and can contain operations."""
    return is_version(path) and (path.is_dir() or is_document(path) or is_manifest(path))


def unread_files_warning(paths: Sequence[Path], reason: str) -> list[str]:
    """Returns one warning that names the files and why they were not read. Returns no warning for no files."""
    if not paths:
        return []
    names = ", ".join(map(str, paths[:_MAX_NAMES]))
    more = f" and {len(paths) - _MAX_NAMES} more" if len(paths) > _MAX_NAMES else ""
    return [f"Not read: {count_of(len(paths), 'file')} ({reason}): {names}{more}."]


def _walk(folder: Path) -> Iterator[Path]:
    visited = set[str]()
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=_raise):
        real = os.path.realpath(parent)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = [name for name in folders if not _is_skipped(name)]
        yield from (Path(parent, name) for name in names if not _is_skipped(name))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name == SKIPPED


def _raise(error: OSError) -> None:
    raise ManifestError(f"{error.filename} cannot be read: {error.strerror}.") from None
