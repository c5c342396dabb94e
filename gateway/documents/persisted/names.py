"""How clients name a document instead of sending it."""

from typing import Any, cast

from core.errors import DocumentNotRegistered
from gateway.errors.request_error import bad_request, reject
from gateway.requests.graphql_request import GraphQLRequest
from services.documents import usable_id

UNKNOWN_ID = (
    "This id stands for no registered document. Import the manifest of this version of the app, or send the query."
)


def document_id(asked: GraphQLRequest) -> str | None:
    """The id of a trusted document: `documentId`, Relay's `doc_id`, or `id` where it cannot be anything else."""
    given = asked.document_id or asked.doc_id
    if not given and not asked.query and isinstance(asked.id, str):
        given = asked.id
    return _usable(given) if given else None


def persisted_hash(asked: GraphQLRequest) -> str | None:
    """`extensions.persistedQuery.sha256Hash`; an id stands there too, when a client has a manifest."""
    wanted: Any = (asked.extensions or {}).get("persistedQuery")
    if wanted is None:
        return None
    if not isinstance(wanted, dict):
        raise bad_request("extensions.persistedQuery: send an object with version and sha256Hash.")
    said = cast("dict[str, Any]", wanted)
    version, given = said.get("version"), said.get("sha256Hash")
    if isinstance(version, bool) or version != 1:
        raise bad_request("Unsupported persisted query version")
    if not isinstance(given, str) or not given:
        raise bad_request("extensions.persistedQuery.sha256Hash: send the SHA-256 of the query in hexadecimal digits.")
    return _usable(given)


def _usable(given: str) -> str:
    key = usable_id(given)
    if key is None:
        raise reject(DocumentNotRegistered(UNKNOWN_ID))
    return key
