"""From a request, over whatever transport it came, to the result of its operation."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any, NamedTuple

from graphql import ExecutionResult, OperationType, execute
from graphql.execution import Executor

from core.errors import Unauthenticated
from core.viewer import Viewer
from gateway.bounds import check_bounds
from gateway.clients import Client
from gateway.documents import Document, Documents, InvalidDocument
from gateway.errors import NotExecuted, bad_request, describe_invalid
from gateway.persisted import PersistedDocuments
from gateway.requests import GraphQLRequest
from schema.context import Context
from services.resources import Resources


class Caller(NamedTuple):
    """Who asks, from which network address, empty when it is not known, and with which app."""

    viewer: Viewer | Unauthenticated
    address: str
    client: Client


class Operation(NamedTuple):
    """One operation of a document, with the values of its variables, that may be executed."""

    document: Document
    name: str
    kind: OperationType
    variables: Mapping[str, Any]


class Operations:
    """The one way from a transport to the schema and back."""

    def __init__(self, documents: Documents, persisted: PersistedDocuments, executor: type[Executor[Any]]) -> None:
        self._documents = documents
        self._persisted = persisted
        self._executor = executor

    async def prepare(self, asked: GraphQLRequest, caller: Caller, resources: Resources) -> Operation:
        """What a request asks for; `NotExecuted` says why it cannot be had."""
        document = await self._persisted.choose(asked, caller.client, resources)
        if isinstance(document, InvalidDocument):
            raise NotExecuted([describe_invalid(error) for error in document.errors])
        name = _choose(document, asked.operation_name)
        variables = asked.variables or {}
        check_bounds(document.bounded, variables)
        return Operation(document, name, document.operations[name], variables)

    async def execute(self, operation: Operation, caller: Caller, resources: Resources) -> ExecutionResult:
        """A query's or a mutation's result, its errors as graphql-core has them."""
        result = execute(
            self._documents.schema,
            operation.document.node,
            context_value=Context(resources, caller.viewer, caller.address),
            variable_values=dict(operation.variables),
            operation_name=operation.name or None,
            executor_class=self._executor,
        )
        return await result if isawaitable(result) else result


def _choose(document: Document, name: str | None) -> str:
    if not name and len(document.operations) == 1:
        name = next(iter(document.operations))
    if name is None or name not in document.operations:
        known = ", ".join(document.operations)
        raise bad_request(f"operationName: name one of the operations of the document ({known}).")
    return name
