"""Recognizes the format of a manifest by its contents."""

import re
from typing import Any, NamedTuple, cast

from schema_check.manifests.types import ManifestEntry, ManifestError, UnknownFormat

APOLLO = "apollo-persisted-query-manifest"
HASHES = {32: "relay", 40: "codegen"}
"""The compilers that use a hash, by the length of its hexadecimal digits: MD5 and SHA-1."""

_HEX = re.compile("[0-9a-f]+", re.ASCII | re.IGNORECASE)

SUPPORTED = (
    "Supported are Apollo's persisted query manifest, a JSON object of ids and documents (Relay, GraphQL Code "
    "Generator), and a JSON list of documents."
)


class JSONObject(list[tuple[str, Any]]):
    """Holds the keys and values of a JSON object in order. A repeated key stays visible."""


class ParsedManifest(NamedTuple):
    """Holds the entries of a manifest and the name of its format."""

    format: str
    entries: list[ManifestEntry]


def parse_manifest(data: object) -> ParsedManifest:
    """Returns the entries of a JSON value. Raises `UnknownFormat` when it is not a manifest."""
    if isinstance(data, JSONObject):
        keys = dict(data)
        if isinstance(keys.get("format"), str) and not isinstance(keys.get("operations"), str | None):
            return _apollo(keys)
        return _ids(data)
    if isinstance(data, list):
        return ParsedManifest("plain", [_plain(item) for item in cast(list[object], data)])
    raise UnknownFormat(f"The manifest has an unknown format. {SUPPORTED}")


def _apollo(keys: dict[str, Any]) -> ParsedManifest:
    if (keys["format"], keys.get("version")) != (APOLLO, 1):
        raise ManifestError(
            f"The manifest has the unknown format {keys['format']!r}, version {keys.get('version')!r}. {SUPPORTED}"
        )
    if not isinstance(keys["operations"], list):
        raise ManifestError('The "operations" of the manifest are not a list.')
    return ParsedManifest(
        "apollo", [_entry(item, required=("id", "body")) for item in cast(list[object], keys["operations"])]
    )


def _ids(pairs: JSONObject) -> ParsedManifest:
    if not all(isinstance(text, str) for _, text in pairs):
        raise UnknownFormat(f"The manifest has an unknown format. {SUPPORTED}")
    lengths = {len(key) if _HEX.fullmatch(key) else 0 for key, _ in pairs}
    name = HASHES.get(lengths.pop(), "id-to-text") if len(lengths) == 1 else "id-to-text"
    return ParsedManifest(name, [ManifestEntry(key, None, text) for key, text in pairs])


def _plain(item: object) -> ManifestEntry:
    return ManifestEntry(None, None, item) if isinstance(item, str) else _entry(item, required=("body",))


def _entry(item: object, *, required: tuple[str, ...]) -> ManifestEntry:
    values: dict[str, Any] = dict(item) if isinstance(item, JSONObject) else {}
    for key in ("id", "name", "body"):
        value = values.get(key)
        if not isinstance(value, str | None) or (key in required and not value):
            raise ManifestError(f"An operation of the manifest has no {key!r} that is a string.")
    return ManifestEntry(values.get("id"), values.get("name"), values["body"])
