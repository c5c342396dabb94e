"""Reads ids and hashes of documents from requests."""

from typing import Any, cast

from core.errors import DocumentNotRegistered
from gateway.errors.request_error import bad_request, reject
from gateway.requests.graphql_request import GraphQLRequest
from services.documents import usable_id

UNKNOWN_ID = "No document is registered with this id. Import the manifest of this app version, or send the query."


def document_id(request: GraphQLRequest) -> str | None:
    """Returns the id of a trusted document: `documentId`, Relay's `doc_id`, or `id` if the request has no query."""
    key = request.document_id or request.doc_id
    if not key and not request.query and isinstance(request.id, str):
        key = request.id
    return _usable(key) if key else None


def persisted_hash(request: GraphQLRequest) -> str | None:
    """Returns `extensions.persistedQuery.sha256Hash`. Clients with a manifest send an id there."""
    extension: Any = (request.extensions or {}).get("persistedQuery")
    if extension is None:
        return None
    if not isinstance(extension, dict):
        raise bad_request("extensions.persistedQuery: send an object with version and sha256Hash.")
    fields = cast("dict[str, Any]", extension)
    version, digest = fields.get("version"), fields.get("sha256Hash")
    if isinstance(version, bool) or version != 1:
        raise bad_request("Unsupported persisted query version")
    if not isinstance(digest, str) or not digest:
        raise bad_request("extensions.persistedQuery.sha256Hash: send the SHA-256 of the query in hexadecimal digits.")
    return _usable(digest)


def _usable(text: str) -> str:
    key = usable_id(text)
    if key is None:
        raise reject(DocumentNotRegistered(UNKNOWN_ID))
    return key
