"""Reads schemas from files, URLs and commits."""

import json
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from graphql import get_introspection_query

from schema_check.git import Git, Revision
from schema_check.schemas import MAX_BYTES, LoadedSchema, SchemaError, load_schema

SECONDS = 20
FILES = (".graphql", ".graphqls", ".gql", ".json")


class SourceLocation(NamedTuple):
    """Says where schemas are looked up."""

    folder: Path
    """The folder that paths are relative to."""
    path: str
    """The path of the schema in commits."""
    branches: tuple[str, ...] = ()
    """Branches that may be the main branch, tried first."""


def read_base(source: str | None, location: SourceLocation) -> LoadedSchema:
    """Returns the schema of a source; without one, that of the commit where HEAD branched off the main branch."""
    if source is not None:
        return read_schema(source, location)
    git = Git(location.folder)
    return _at(git, git.merge_base(location.branches), location.path)


def read_schema(source: str, location: SourceLocation) -> LoadedSchema:
    """Returns the schema at a URL, in a file, in a commit, or at `commit:path`, tried in this order."""
    if "://" in source:
        return load_schema(_fetch(source), source)
    file = location.folder / source
    if file.is_file():
        return load_schema(_read(file, source), source)
    if source.endswith(FILES) and ":" not in source:
        raise SchemaError(f"There is no file {source}.")
    name, _, path = source.partition(":")
    git = Git(location.folder)
    return _at(git, git.revision(name), path or location.path)


def _at(git: Git, revision: Revision, path: str) -> LoadedSchema:
    return load_schema(git.read(revision, path), f"{revision.name} ({revision.commit[:7]}):{path}")


def _read(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SchemaError(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SchemaError(f"{name} is not UTF-8.") from None


def _fetch(url: str) -> str:
    """Returns the file at a URL that ends like a schema file; else the response to an introspection query."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SchemaError(f"{url} is not an http:// or https:// URL.")
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True, one_of=True
    )
    body = None if parts.path.endswith(FILES) else json.dumps({"query": query}).encode()
    headers = {"Accept": "application/json, */*", **({"Content-Type": "application/json"} if body else {})}
    try:
        with urlopen(Request(url, body, headers), timeout=SECONDS) as response:  # noqa: S310 - http and https alone
            text: bytes = response.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise SchemaError(f"{url} returned no schema: {reason}.") from None
    return text.decode("utf-8-sig", errors="replace")
