"""From an operation to the response that streams what comes of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from graphql import ExecutionResult, OperationType
from starlette.requests import Request

from core.errors import Unauthenticated
from core.viewer import SignedIn
from gateway.callers.authentication import read_session
from gateway.callers.caller import Caller
from gateway.execution.answers import Answer, answer_of, executed
from gateway.execution.operations import Operation, Operations
from gateway.incremental.defer20220824 import in_format_20220824
from gateway.incremental.parts import parts_of
from gateway.streaming.connections import OpenConnections
from gateway.streaming.formats import ENCODERS
from gateway.streaming.negotiation import StreamFormat
from gateway.streaming.response import Registration, StreamHead, StreamResponse
from services.resources import Resources
from services.security.access_tokens import TokenSession


class StreamResponder:
    """Of one application."""

    def __init__(self, operations: Operations, connections: OpenConnections, heartbeat_seconds: float) -> None:
        self.operations = operations
        self._connections = connections
        self._heartbeat_seconds = heartbeat_seconds

    async def answer(
        self, kind: StreamFormat, operation: Operation, caller: Caller, request: Request
    ) -> StreamResponse | StreamHead | Answer:
        """A stream, or the answer in one piece where nothing is deferred; `RequestError` when there is neither."""
        if request.method == "HEAD":
            return StreamHead(ENCODERS[kind])
        resources: Resources = request.app.state.resources
        if operation.kind is OperationType.SUBSCRIPTION:
            # Registered before the first await, so that the end of the session also ends the stream.
            lasting = Registration(self._connections, _session(caller, request, resources))
            results = await self.operations.subscribe(operation, caller, resources)
            return StreamResponse(_answers(results), ENCODERS[kind], self._heartbeat_seconds, lasting)
        if kind is StreamFormat.EVENT_STREAM:
            answer = executed(await self.operations.execute(operation, caller, resources))
            return StreamResponse(_single(answer), ENCODERS[kind], self._heartbeat_seconds)
        result = await self.operations.execute_in_parts(operation, caller, resources)
        if isinstance(result, ExecutionResult):
            return executed(result)
        parts = parts_of(result)
        if kind is StreamFormat.PARTS_20220824:
            parts = in_format_20220824(parts, operation.document.node, operation.name)
        return StreamResponse(parts, ENCODERS[kind], self._heartbeat_seconds)


def _session(caller: Caller, request: Request, resources: Resources) -> TokenSession | None:
    """The caller's; raises when it has ended since the caller was read from the same token."""
    if not isinstance(caller.viewer, SignedIn):
        return None
    session = read_session(request.headers.get("authorization"), resources.access_tokens)
    if isinstance(session, Unauthenticated):
        raise session
    return session


async def _answers(results: AsyncGenerator[ExecutionResult]) -> AsyncGenerator[Answer]:
    async with aclosing(results):
        async for result in results:
            yield answer_of(result)


async def _single(answer: Answer) -> AsyncGenerator[Answer]:
    yield answer
