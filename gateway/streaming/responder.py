"""Executes operations whose responses are streamed over HTTP."""

from collections.abc import AsyncGenerator

from graphql import OperationType
from starlette.requests import Request

from gateway.callers.caller import Caller
from gateway.execution.incremental import IncrementalExecution
from gateway.execution.operation import Operation
from gateway.execution.operations import LiveSource
from gateway.execution.results import FormattedResult
from gateway.incremental.defer20220824 import in_format_20220824
from gateway.live.deliveries import LiveDeliveries
from gateway.live.results import ResultQueue
from gateway.live.subscription import Target
from gateway.streaming.connections import OpenConnections
from gateway.streaming.encoders import ENCODERS
from gateway.streaming.negotiation import StreamFormat
from gateway.streaming.response import Registration, StreamHead, StreamResponse
from services.resources import Resources


class StreamResponder:
    """Streams the responses of one application."""

    def __init__(
        self,
        deliveries: LiveDeliveries,
        connections: OpenConnections,
        heartbeat_seconds: float,
    ) -> None:
        self.operations = deliveries.operations
        self._deliveries = deliveries
        self._connections = connections
        self._heartbeat_seconds = heartbeat_seconds

    async def respond(
        self, stream_format: StreamFormat, operation: Operation, caller: Caller, request: Request
    ) -> StreamResponse | StreamHead | FormattedResult:
        """Returns a stream, or the response in one piece if nothing is deferred. Raises `RequestError` for neither."""
        encoder = ENCODERS[stream_format]
        resources: Resources = request.app.state.resources
        if request.method == "HEAD":
            await self.operations.spendings.take_request(operation, caller, resources)
            return StreamHead(encoder)
        if operation.kind is OperationType.SUBSCRIPTION:
            if caller.session is not None:
                # The session may have ended since the caller was read. From here on, `OpenConnections` checks it.
                resources.access_tokens.check(caller.session)
            registration = Registration(self._connections, caller)
            try:
                results = await self._subscribe(operation, caller, request)
            except BaseException:
                registration.close()
                raise
            return StreamResponse(results, encoder, self._heartbeat_seconds, registration)
        if stream_format is StreamFormat.EVENT_STREAM:
            response = await self.operations.execute(operation, caller, resources)
            return StreamResponse(_single(response), encoder, self._heartbeat_seconds)
        execution = await self.operations.execute_incrementally(operation, caller, resources)
        if not isinstance(execution, IncrementalExecution):
            return execution
        if stream_format is StreamFormat.PARTS_20220824:
            execution.convert = in_format_20220824(operation.document.node, operation.name)
        return StreamResponse(execution, encoder, self._heartbeat_seconds)

    async def _subscribe(
        self, operation: Operation, caller: Caller, request: Request
    ) -> AsyncGenerator[FormattedResult] | ResultQueue:
        resources: Resources = request.app.state.resources
        last_event_id = request.headers.get("last-event-id")
        source = await self.operations.subscribe(operation, caller, resources, last_event_id)
        if not isinstance(source, LiveSource):
            return source
        queue = ResultQueue()
        subscription = self._deliveries.open(source, caller, resources, Target(queue, ""))
        queue.on_close = subscription.cancel
        subscription.start(self._deliveries)
        return queue


async def _single(response: FormattedResult) -> AsyncGenerator[FormattedResult]:
    yield response
