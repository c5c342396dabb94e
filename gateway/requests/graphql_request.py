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

    @property
    def reports_cost(self) -> bool:
        """Returns whether the response has to contain `extensions.cost`: the request has `extensions.cost`, true."""
        return self.extensions is not None and self.extensions.get("cost") is True

    @property
    def is_prefetch(self) -> bool:
        """Returns whether the user may never need the response: the request has `extensions.prefetch`, true."""
        return self.extensions is not None and self.extensions.get("prefetch") is True
