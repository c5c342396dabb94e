"""From a request, over whatever transport it came, to the result of its operation."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from inspect import isawaitable
from itertools import islice
from typing import Any, NamedTuple, TypeVar, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    OperationType,
    create_source_event_stream,
    execute_subscription_event,
    experimental_execute_incrementally,
)
from graphql.execution import Executor
from graphql.pyutils import AwaitableOrValue

from core.errors import ErrorCode
from gateway.callers.caller import Caller
from gateway.documents.argument_limits import check_argument_limits
from gateway.documents.guard import check_values
from gateway.documents.persisted import PersistedDocuments
from gateway.documents.reader import Document, Documents, InvalidDocument
from gateway.errors.graphql_errors import describe_document_error, describe_executed, describe_failure
from gateway.errors.request_error import RequestError, bad_request
from gateway.requests.graphql_request import GraphQLRequest
from schema.context import Context
from services.resources import Resources

_MAX_NAMED = 10

T = TypeVar("T")

Incremental = ExecutionResult | ExperimentalIncrementalExecutionResults


class Operation(NamedTuple):
    """One operation of a document, with the values of its variables, that may be executed."""

    document: Document
    name: str
    kind: OperationType
    variables: Mapping[str, Any]

    @property
    def deferring(self) -> bool:
        """Whether its answer may come in parts."""
        return self.document.whole is not self.document.node


class Operations:
    """The one way from a transport to the schema and back."""

    def __init__(self, documents: Documents, persisted: PersistedDocuments, executor: type[Executor[Any]]) -> None:
        self._documents = documents
        self._persisted = persisted
        self._executor = executor

    async def prepare(self, asked: GraphQLRequest, caller: Caller, resources: Resources) -> Operation:
        """What a request asks for; `RequestError` says why it cannot be had."""
        variables = asked.variables or {}
        if variables:
            check_values(variables)
        document = await self._persisted.choose(asked, caller, resources)
        if isinstance(document, InvalidDocument):
            raise RequestError([describe_document_error(fault) for fault in document.faults])
        name = _choose(document, asked.operation_name)
        check_argument_limits(document.bounded, variables)
        return Operation(document, name, document.operations[name], variables)

    async def execute(self, operation: Operation, caller: Caller, resources: Resources) -> ExecutionResult:
        """A query's or a mutation's result in one piece, its errors as graphql-core has them."""
        result = await self._execute(operation.document.whole, operation, caller, resources)
        return cast("ExecutionResult", result)

    async def execute_in_parts(self, operation: Operation, caller: Caller, resources: Resources) -> Incremental:
        """The same, with what is deferred coming later; one result when nothing is."""
        return await self._execute(operation.document.node, operation, caller, resources)

    async def subscribe(
        self, operation: Operation, caller: Caller, resources: Resources
    ) -> AsyncGenerator[ExecutionResult]:
        """A result for each event; `RequestError` says why there are none, or no more. Closing it closes the source."""
        count_use(operation, caller, resources)
        executor: Executor[Any] | list[GraphQLError] = self._executor.build(
            self._documents.schema,
            operation.document.whole,
            context_value=Context(resources, caller.viewer, caller.address),
            raw_variable_values=dict(operation.variables),
            operation_name=operation.name or None,
        )
        if isinstance(executor, list):
            raise _no_events(executor)
        source = await _settled(create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            raise _no_events(source.errors or [])
        return _results(executor, source, caller, resources)

    async def _execute(
        self, document: DocumentNode, operation: Operation, caller: Caller, resources: Resources
    ) -> Incremental:
        count_use(operation, caller, resources)
        return await _settled(
            experimental_execute_incrementally(
                self._documents.schema,
                document,
                context_value=Context(resources, caller.viewer, caller.address),
                variable_values=dict(operation.variables),
                operation_name=operation.name or None,
                executor_class=self._executor,
            )
        )


async def _results(
    executor: Executor[Any], source: AsyncIterable[Any], caller: Caller, resources: Resources
) -> AsyncGenerator[ExecutionResult]:
    """Each event is executed by itself, with loaders that have read nothing and a policy that knows nobody yet."""
    async with aclosing(_events(source)) as events:
        async for event in events:
            execution = executor.build_per_event_executor(event)
            execution.context_value = Context(resources, caller.viewer, caller.address)
            yield await _settled(execute_subscription_event(execution))
            # A source that has much to say at once never waits, and would keep everybody else waiting.
            await asyncio.sleep(0)


async def _events(source: AsyncIterable[Any]) -> AsyncGenerator[Any]:
    events = aiter(source)
    try:
        async for event in events:
            yield event
    except Exception as error:
        raise RequestError([describe_failure(error)], 500) from error
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _no_events(errors: list[GraphQLError]) -> RequestError:
    described = [describe_executed(error) for error in errors]
    ours = any(error.get("extensions", {}).get("code") == ErrorCode.INTERNAL_SERVER_ERROR for error in described)
    return RequestError(described, 500 if ours else 400)


async def _settled(result: AwaitableOrValue[T]) -> T:
    return cast("T", await result if isawaitable(result) else result)


def count_use(operation: Operation, caller: Caller, resources: Resources) -> None:
    """Counts what an app uses of the schema: once for each operation that is answered, by whatever answers it."""
    if resources.settings.usage == "on":
        shape, client = operation.document.shapes[operation.name], caller.client
        resources.usage.count(shape, operation.name, client.app, client.version)


def _choose(document: Document, name: str | None) -> str:
    if not name and len(document.operations) == 1:
        name = next(iter(document.operations))
    if name is None or name not in document.operations:
        known = ", ".join(islice(document.operations, _MAX_NAMED))
        raise bad_request(f"operationName: name one of the operations of the document ({known}).")
    return name
