"""Where a schema comes from: a file, an address, a commit, or whoever calls."""

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
    """Where to look: the folder, the schema's path in it, and the branches that may be the main one."""

    folder: Path
    path: str
    branches: tuple[str, ...] = ()


def read_base(given: str | None, place: SourceLocation) -> LoadedSchema:
    """What is given; else the file of the schema where the current commit left the main branch."""
    if given is not None:
        return read_schema(given, place)
    git = Git(place.folder)
    return _at(git, git.merge_base(place.branches), place.path)


def read_schema(given: str, place: SourceLocation) -> LoadedSchema:
    """An address, a file, a commit, or `commit:path`, tried in this order."""
    if "://" in given:
        return load_schema(_fetch(given), given)
    file = place.folder / given
    if file.is_file():
        return load_schema(_read(file, given), given)
    if given.endswith(FILES) and ":" not in given:
        raise SchemaError(f"There is no file {given}.")
    name, _, path = given.partition(":")
    git = Git(place.folder)
    return _at(git, git.revision(name), path or place.path)


def _at(git: Git, revision: Revision, path: str) -> LoadedSchema:
    return load_schema(git.read(revision, path), f"{revision.name} ({revision.commit[:7]}):{path}")


def _read(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SchemaError(f"{name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SchemaError(f"{name} is not UTF-8.") from None


def _fetch(address: str) -> str:
    """A schema as a file, or what a server answers to an introspection query."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SchemaError(f"{address} is no address that begins with http:// or https://.")
    query = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True, one_of=True
    )
    body = None if parts.path.endswith(FILES) else json.dumps({"query": query}).encode()
    headers = {"Accept": "application/json, */*", **({"Content-Type": "application/json"} if body else {})}
    try:
        with urlopen(Request(address, body, headers), timeout=SECONDS) as answer:  # noqa: S310 - http and https alone
            text: bytes = answer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.reason if isinstance(error, URLError) else error
        raise SchemaError(f"{address} gave no schema: {why}.") from None
    return text.decode("utf-8-sig", errors="replace")
