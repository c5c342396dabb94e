"""The shapes of manifests, told apart by what is in them."""

import re
from typing import Any, NamedTuple, cast

from schema_check.manifests.types import ManifestEntry, ManifestError, UnknownFormat

APOLLO = "apollo-persisted-query-manifest"
HASHES = {32: "relay", 40: "codegen"}
"""The compilers' own hashes by their length: MD5 and SHA-1."""

_HEX = re.compile("[0-9a-f]+", re.ASCII | re.IGNORECASE)

KNOWN = (
    "Known are Apollo's persisted query manifest, a JSON object of ids and documents (Relay, GraphQL Code Generator), "
    "and a JSON list of documents."
)


class JSONObject(list[tuple[str, Any]]):
    """A JSON object as it is written, so that a key that comes twice can be seen."""


class ParsedManifest(NamedTuple):
    """A manifest whose format is known."""

    format: str
    entries: list[ManifestEntry]


def parse_manifest(data: object) -> ParsedManifest:
    if isinstance(data, JSONObject):
        keys = dict(data)
        if isinstance(keys.get("format"), str) and not isinstance(keys.get("operations"), str | None):
            return _apollo(keys)
        return _ids(data)
    if isinstance(data, list):
        return ParsedManifest("plain", [_plain(each) for each in cast(list[object], data)])
    raise UnknownFormat(f"The manifest has an unknown format. {KNOWN}")


def _apollo(keys: dict[str, Any]) -> ParsedManifest:
    if (keys["format"], keys.get("version")) != (APOLLO, 1):
        raise ManifestError(
            f"The manifest is of format {keys['format']!r}, version {keys.get('version')!r}, which is unknown. {KNOWN}"
        )
    if not isinstance(keys["operations"], list):
        raise ManifestError('The manifest\'s "operations" are not a list.')
    return ParsedManifest(
        "apollo", [_described(each, required=("id", "body")) for each in cast(list[object], keys["operations"])]
    )


def _ids(pairs: JSONObject) -> ParsedManifest:
    if not all(isinstance(text, str) for _, text in pairs):
        raise UnknownFormat(f"The manifest has an unknown format. {KNOWN}")
    lengths = {len(key) if _HEX.fullmatch(key) else 0 for key, _ in pairs}
    name = HASHES.get(lengths.pop(), "id-to-text") if len(lengths) == 1 else "id-to-text"
    return ParsedManifest(name, [ManifestEntry(key, None, text) for key, text in pairs])


def _plain(entry: object) -> ManifestEntry:
    return ManifestEntry(None, None, entry) if isinstance(entry, str) else _described(entry, required=("body",))


def _described(entry: object, *, required: tuple[str, ...]) -> ManifestEntry:
    said: dict[str, Any] = dict(entry) if isinstance(entry, JSONObject) else {}
    for key in ("id", "name", "body"):
        value = said.get(key)
        if not isinstance(value, str | None) or (key in required and not value):
            raise ManifestError(f"An operation of the manifest has no usable {key!r}; it has to be a string.")
    return ManifestEntry(said.get("id"), said.get("name"), said["body"])
