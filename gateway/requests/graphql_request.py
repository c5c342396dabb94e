"""A GraphQL request, independent of the transport that carried it."""

from typing import Any

import msgspec


class GraphQLRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The parameters of a request. Other fields are ignored."""

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None
    doc_id: str | None = msgspec.field(default=None, name="doc_id")
    id: Any = None
