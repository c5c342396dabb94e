"""Parses manifests into operations."""

import hashlib
import json
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse

from schema_check.manifests.formats import JSONObject, parse_manifest
from schema_check.manifests.types import (
    MAX_BYTES,
    MAX_OPERATIONS,
    Manifest,
    ManifestEntry,
    ManifestError,
    ManifestOperation,
)


def read_manifest(text: str | bytes) -> Manifest:
    """Returns the operations of a manifest in any supported format. Raises `ManifestError` for an invalid one."""
    parsed = parse_manifest(_json(text))
    if len(parsed.entries) > MAX_OPERATIONS:
        raise ManifestError(f"The manifest has {len(parsed.entries)} operations; the maximum is {MAX_OPERATIONS}.")
    operations: dict[str, ManifestOperation] = {}
    for entry in parsed.entries:
        operation = _operation(entry)
        if operations.setdefault(operation.id, operation).text != operation.text:
            raise ManifestError(f"The id {operation.id!r} has two different documents.")
    return Manifest(parsed.format, list(operations.values()))


def parse_document(text: str, name: str) -> DocumentNode:
    """Returns the syntax tree of a document. Raises `ManifestError` with its name, line and column."""
    try:
        return parse(text, no_location=True)
    except GraphQLError as error:
        locations = error.locations or []
        position = f" (line {locations[0].line}, column {locations[0].column})" if locations else ""
        raise ManifestError(f"{name} is not GraphQL: {error.message}{position}") from None


def _json(text: str | bytes) -> Any:
    if len(text) > MAX_BYTES:
        raise ManifestError(f"The manifest is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        return json.loads(decoded, object_pairs_hook=JSONObject)
    except UnicodeDecodeError:
        raise ManifestError("The manifest is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ManifestError(f"The manifest is not JSON: {error.msg} at line {error.lineno}.") from None
    except (RecursionError, ValueError):
        raise ManifestError("The JSON of the manifest is too deep, or has a number that is too long.") from None


def _operation(entry: ManifestEntry) -> ManifestOperation:
    document_id = entry.id or hashlib.sha256(entry.text.encode(errors="surrogatepass")).hexdigest()
    document = parse_document(entry.text, f"The document {document_id!r}")
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) != 1:
        raise ManifestError(f"The document {document_id!r} has {len(operations)} operations; it needs exactly one.")
    name = operations[0].name.value if operations[0].name else ""
    if entry.name is not None and entry.name != name:
        raise ManifestError(f"The document {document_id!r} is named {entry.name!r}, but its operation is {name!r}.")
    return ManifestOperation(document_id, name, entry.text, document)
