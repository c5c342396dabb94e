"""What lies in a folder of operations: documents, manifests, and files that cannot hold operations."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from schema_check.manifests import ManifestError
from schema_check.manifests.paths import DOCUMENTS, is_version

MANIFEST = ".json"
MAX_FILES = 10_000
SKIPPED = "node_modules"
"""Skipped like hidden files: it holds other people's packages."""
_NAMED = 10


class FolderFiles(NamedTuple):
    """Every file below a folder, sorted by path within each list."""

    documents: list[Path]
    manifests: list[Path]
    others: list[Path]


def files_below(folder: Path) -> FolderFiles:
    """Follows symbolic links, each folder once. Raises `ManifestError` for too many files and unreadable ones."""
    found = FolderFiles([], [], [])
    for number, path in enumerate(sorted(_walk(folder)), 1):
        if number > MAX_FILES:
            raise ManifestError(f"{folder} holds more than {MAX_FILES} files.")
        kind = found.documents if is_document(path) else found.manifests if is_manifest(path) else found.others
        kind.append(path)
    return found


def entries_of(folder: Path) -> list[Path]:
    """The files and folders directly in a folder that are not hidden."""
    try:
        return sorted(path for path in folder.iterdir() if not _is_skipped(path.name))
    except OSError as error:
        raise ManifestError(f"{folder} cannot be read: {error.strerror}.") from None


def contents_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.") from None


def texts_of(paths: Mapping[str, Path]) -> dict[str, str]:
    """The texts of documents, by the names that the caller gives them."""
    texts: dict[str, str] = {}
    for name, path in paths.items():
        try:
            texts[name] = contents_of(path).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ManifestError(f"{name} is not UTF-8.") from None
    return texts


def is_document(path: Path) -> bool:
    return path.suffix.lower() in DOCUMENTS and path.is_file()


def is_manifest(path: Path) -> bool:
    return path.suffix.lower() == MANIFEST and path.is_file()


def may_be_version(path: Path) -> bool:
    return is_version(path) and (path.is_dir() or is_document(path) or is_manifest(path))


def unread_files_warning(paths: Sequence[Path], why: str) -> list[str]:
    """A warning that names files which were not read, like "no documents"; none when there are none."""
    if not paths:
        return []
    named = ", ".join(map(str, paths[:_NAMED]))
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return [f"Not read: {count}, {why}: {named}{more}."]


def _walk(folder: Path) -> Iterator[Path]:
    seen = set[str]()
    for parent, folders, names in os.walk(folder, followlinks=True, onerror=_refuse):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not _is_skipped(name)]
        yield from (Path(parent, name) for name in names if not _is_skipped(name))


def _is_skipped(name: str) -> bool:
    return name.startswith(".") or name == SKIPPED


def _refuse(error: OSError) -> None:
    raise ManifestError(f"{error.filename} cannot be read: {error.strerror}.") from None
