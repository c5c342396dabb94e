"""From the bytes of a manifest to its operations."""

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
    """The operations of a manifest, whose format is recognised; `ManifestError` when it is of no use."""
    data = _json(text)
    shape = parse_manifest(data)
    if len(shape.entries) > MAX_OPERATIONS:
        raise ManifestError(f"The manifest has {len(shape.entries)} operations; {MAX_OPERATIONS} are the most.")
    known: dict[str, ManifestOperation] = {}
    for entry in shape.entries:
        operation = _operation(entry)
        if known.setdefault(operation.id, operation).text != operation.text:
            raise ManifestError(f"The id {operation.id!r} stands for two different documents.")
    return Manifest(shape.format, list(known.values()))


def parse_document(text: str, called: str) -> DocumentNode:
    try:
        return parse(text, no_location=True)
    except GraphQLError as error:
        places = error.locations or []
        at = f" (line {places[0].line}, column {places[0].column})" if places else ""
        raise ManifestError(f"{called} is not GraphQL: {error.message}{at}") from None


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
        raise ManifestError("The manifest is not JSON that can be read: too deep, or a number too long.") from None


def _operation(entry: ManifestEntry) -> ManifestOperation:
    made = entry.id or hashlib.sha256(entry.text.encode(errors="surrogatepass")).hexdigest()
    document = parse_document(entry.text, f"The document {made!r}")
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        raise ManifestError(f"The document {made!r} holds {len(operations)} operations instead of one.")
    name = operations[0].name.value if operations[0].name else ""
    if entry.name is not None and entry.name != name:
        raise ManifestError(f"The document {made!r} is called {entry.name!r}, but its operation is {name!r}.")
    return ManifestOperation(made, name, entry.text, document)
