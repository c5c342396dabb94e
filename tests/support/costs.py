"""Reads the costs of documents."""

from typing import Any, cast

import strawberry

from core.settings import Settings
from gateway.costs import OperationCost
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Document, Documents
from resolvers.schema import build_schema

PRODUCT = Documents(build_schema(), DocumentLimits.of(Settings()))


def cost_of(text: str, documents: Documents = PRODUCT) -> OperationCost:
    """Returns the cost of the only operation of a document."""
    read = documents.read(text)
    assert isinstance(read, Document), read
    (cost,) = read.costs.values()
    return cost


def requested(text: str, variables: dict[str, Any] | None = None, documents: Documents = PRODUCT) -> int:
    return cost_of(text, documents).requested(variables or {})


def documents_of(schema: strawberry.Schema) -> Documents:
    return Documents(schema, DocumentLimits.of(Settings()))


def objects_in(value: Any) -> int:
    """Returns the number of objects in a part of a response."""
    if isinstance(value, dict):
        return 1 + sum(map(objects_in, cast("dict[str, Any]", value).values()))
    return sum(map(objects_in, cast("list[Any]", value))) if isinstance(value, list) else 0
