"""Prepares and executes operations. Every transport calls `Operations`."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from functools import lru_cache
from inspect import isawaitable
from typing import Any, NamedTuple, TypeVar, cast

from graphql import (
    ExecutionResult,
    ExperimentalIncrementalExecutionResults,
    GraphQLError,
    GraphQLSchema,
    create_source_event_stream,
    execute_subscription_event,
)
from graphql.execution import Executor
from graphql.pyutils import AwaitableOrValue

from adapters.database.replicas import read_route
from core.deadlines import ending_within, of_its_own
from core.tracing import current_span
from gateway.callers.caller import Caller
from gateway.callers.schema_access import SchemaAccess
from gateway.documents.persisted import PersistedDocuments
from gateway.documents.reader import Documents
from gateway.errors.graphql_errors import describe_executed, describe_failure
from gateway.errors.request_error import STATUS, RequestError
from gateway.execution.executors import CreatedExecutor, Executors
from gateway.execution.incremental import IncrementalExecution
from gateway.execution.measuring import Measures
from gateway.execution.operation import Operation
from gateway.execution.part_costs import PartCosts
from gateway.execution.parts import format_parts
from gateway.execution.preparer import Preparer
from gateway.execution.replica_reads import may_read_replica
from gateway.execution.results import FormattedResult, format_response, format_result
from gateway.execution.spending import Spending, Spendings
from gateway.overload import Admission
from gateway.traces.operations import note_errors, note_part_errors, operation_span, span_of_execution
from schema.context import FIRST_READS, OWN_COLUMNS, Context
from services.live import Subscriber
from services.read_routes import route_of
from services.resources import Resources

T = TypeVar("T")


class LiveSource(NamedTuple):
    """A subscriber of event streams, the executor of its operation, and what an event may cost."""

    subscriber: Subscriber
    executor: Executor[Any]
    spending: Spending


IncrementalResult = ExecutionResult | ExperimentalIncrementalExecutionResults
_RESULTS = (ExecutionResult, ExperimentalIncrementalExecutionResults)


class Operations:
    """Prepares operations from requests, and executes them on one schema."""

    admission: Admission | None = None
    """Limits concurrent executions (`LimitedOperations`)."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of an execution
        self,
        documents: Documents,
        persisted: PersistedDocuments,
        executor: type[Executor[Any]],
        spendings: Spendings,
        access: SchemaAccess,
        measures: Measures,
    ) -> None:
        self._executors = Executors(documents.schema, executor)
        self._access = access
        self._measures = measures
        self.prepare = Preparer(persisted, spendings, access).prepare
        """Returns the operation that a request selects."""
        self.spendings = spendings
        self.statistics = measures.statistics

    @property
    def schema(self) -> GraphQLSchema:
        """The schema on which operations are executed."""
        return self._executors.schema

    def reads_closed_schema(self, operation: Operation) -> bool:
        """Returns whether an operation reads the schema, and only some callers may do so."""
        return self._access.is_limited_for(operation.document.shapes[operation.name].fields)

    def check_load(self, operation: Operation) -> None:
        """Raises `RequestError` if an execution would be shed at once. It prepares nothing."""

    async def execute(
        self, operation: Operation, caller: Caller, resources: Resources, spending: Spending | None = None
    ) -> FormattedResult:
        """Executes a query or a mutation, and returns its response in one piece.

        The response cache calls it for requests over HTTP that no stored response answers; WebSockets and batches call
        it directly. Batches and the response cache have taken its cost before, as `spending`.
        Raises `RequestError` if the cost or the variables prevented the execution.
        """
        spending = spending or await self.spendings.take(operation, caller, resources)
        with ending_within(resources.settings.request_seconds):
            try:
                if (parent := current_span.get()) is None:
                    return await self._respond(operation, caller, resources, spending)
                with operation_span(parent, operation.kind.value, operation.name) as span:
                    response = await self._respond(operation, caller, resources, spending)
                    note_errors(span, response)
                    return response
            except BaseException as error:
                spending.fail(error)
                raise

    async def _respond(
        self, operation: Operation, caller: Caller, resources: Resources, spending: Spending
    ) -> FormattedResult:
        result: Any = await self._execute(self._executors.of_whole, operation, caller, resources)
        return spending.settle(format_response(result))

    async def execute_incrementally(
        self, operation: Operation, caller: Caller, resources: Resources
    ) -> IncrementalExecution | FormattedResult:
        """Executes a query or a mutation with its deferred parts. Returns a single result if nothing is deferred.

        The caller closes the execution. Raises `RequestError` like `execute`.
        """
        spending = await self.spendings.take(operation, caller, resources)
        execution = IncrementalExecution()
        production = self._produce(operation, caller, resources, spending, execution.add)
        response = await execution.begin(production)
        return execution if response is None else response

    async def _produce(
        self,
        operation: Operation,
        caller: Caller,
        resources: Resources,
        spending: Spending,
        add: Callable[[FormattedResult], None],
    ) -> FormattedResult | None:
        """Calls `add` with each part, or returns the response if nothing is deferred. The deadline is that of all."""
        with (
            ending_within(resources.settings.request_seconds),
            span_of_execution(operation.kind.value, operation.name) as span,
        ):
            try:
                result = await self._execute(self._executors.of_parts, operation, caller, resources)
                if isinstance(result, ExecutionResult):
                    response = spending.settle(format_response(result))
                    note_part_errors(span, response)
                    return response
                async with aclosing(PartCosts(spending).settled(format_parts(result))) as parts:
                    async for part in parts:
                        note_part_errors(span, part)
                        add(part)
            except BaseException as error:
                spending.fail(error)
                raise
        return None

    async def subscribe(
        self, operation: Operation, caller: Caller, resources: Resources, last_event_id: str | None = None
    ) -> AsyncGenerator[FormattedResult] | LiveSource:
        """Returns a generator of one result per event, or the source if it is a subscriber of event streams.

        Closing the generator closes the source of the events. Raises `RequestError` if the cost of an event exceeds the
        limit, or if there is no source. The generator raises it if the source fails.
        """
        spending = await self.spendings.take(operation, caller, resources)
        spending.cancel()  # Events are counted when they are executed.
        count_use(operation, caller, resources)
        context = Context(
            resources, caller.viewer, caller.address, language=caller.language, last_event_id=last_event_id
        )
        hides_suggestions = not self._access.permits(caller.viewer)
        executor = self._executors.of_whole(operation, context, hides_suggestions=hides_suggestions)
        if isinstance(executor, list):
            raise _no_source(executor)
        source = await _await_value(create_source_event_stream(executor))
        if isinstance(source, ExecutionResult):
            raise _no_source(source.errors or [])
        if isinstance(source, Subscriber):
            return LiveSource(source, executor, spending)
        return self._results(executor, source, spending, caller, resources)

    async def _results(
        self,
        executor: Executor[Any],
        source: AsyncIterable[Any],
        spending: Spending,
        caller: Caller,
        resources: Resources,
    ) -> AsyncGenerator[FormattedResult]:
        async with aclosing(_events(source)) as events:
            async for event in events:
                execution: Executor[Any] = executor.build_per_event_executor(event)
                execution.context_value = _new_context(caller, resources)
                result = format_result(await execute_event(execution, resources))
                actual = spending.actual(result)
                self.spendings.charge(caller, actual)
                yield spending.count_event(result, actual)
                # A source with many events never waits. Without this, other requests would wait until it does.
                await asyncio.sleep(0)

    def _execute(
        self, create: Callable[..., CreatedExecutor], operation: Operation, caller: Caller, resources: Resources
    ) -> Awaitable[IncrementalResult]:
        """Executes an operation with an executor that a method of `Executors` creates."""
        execute = self._execute_here if resources.replicas is None else self._execute_routed
        return execute(create, operation, caller, resources)

    async def _execute_routed(
        self, create: Callable[..., CreatedExecutor], operation: Operation, caller: Caller, resources: Resources
    ) -> IncrementalResult:
        """Executes an operation, whose reads are sent to a replica if it has what they must contain."""
        route = await route_of(caller.viewer, resources) if may_read_replica(operation) else None
        token = read_route.set(route)
        try:
            return await self._execute_here(create, operation, caller, resources)
        finally:
            read_route.reset(token)

    async def _execute_here(
        self, create: Callable[..., CreatedExecutor], operation: Operation, caller: Caller, resources: Resources
    ) -> IncrementalResult:
        count_use(operation, caller, resources)
        context = _new_context(caller, resources)
        with self._measures.measured(operation, caller):
            if first_reads := _first_reads(operation.document.shapes[operation.name].fields):
                await context.read_first(first_reads)
            executor = create(operation, context, hides_suggestions=not self._access.permits(caller.viewer))
            if isinstance(executor, list):
                return ExecutionResult(None, executor)
            result: AwaitableOrValue[IncrementalResult] = executor.execute_operation()
            return result if isinstance(result, _RESULTS) else await result


@lru_cache(maxsize=1024)
def _first_reads(fields: str) -> frozenset[str]:
    """Returns the fields of a shape that `Context.read_first` needs to know: none if it has nothing to read."""
    selected = frozenset(fields.split())
    return selected.intersection([*FIRST_READS, *OWN_COLUMNS]) if selected.intersection(FIRST_READS) else frozenset()


def _new_context(caller: Caller, resources: Resources) -> Context:
    """Returns a context with empty loaders and a new policy: one per execution, and one per event."""
    return Context(resources, caller.viewer, caller.address, language=caller.language)


async def execute_event(execution: Executor[Any], resources: Resources) -> ExecutionResult:
    """Executes one event of a subscription, with a deadline of its own."""
    with of_its_own(resources.settings.request_seconds):
        return await _await_value(execute_subscription_event(execution))


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


def _no_source(errors: list[GraphQLError]) -> RequestError:
    """Returns the rejection of a subscription. Clients subscribe again after 503, but not after 400."""
    described = [describe_executed(error) for error in errors]
    codes: list[str] = [error["extensions"]["code"] for error in described if "extensions" in error]
    return RequestError(described, max((STATUS.get(code, 400) for code in codes), default=400))


async def _await_value(result: AwaitableOrValue[T]) -> T:
    return cast("T", await result if isawaitable(result) else result)


def count_use(operation: Operation, caller: Caller, resources: Resources) -> None:
    """Counts the fields that an app selects. Called once for each operation that gets a response from any source."""
    if resources.settings.usage == "on":
        shape, client = operation.document.shapes[operation.name], caller.client
        resources.usage.count(shape, operation.name, client.app, client.version)
