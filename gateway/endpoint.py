"""Handles HTTP requests to `/graphql`."""

from typing import Any, NamedTuple

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from core.errors import AppError
from gateway.batches import answer_batch
from gateway.callers.reader import CallerReader
from gateway.errors.request_error import RequestError, reject
from gateway.execution.operation import check_method
from gateway.graphiql import GraphiQL, accepts_graphiql
from gateway.http.caching import permits_sharing
from gateway.http.compression import response_coding
from gateway.http.responses import error_response, json_response, preferred_media_type
from gateway.known_requests import KnownRequests, answered, client_deadline
from gateway.overload import is_prefetch
from gateway.request_facts import note_client, note_operation
from gateway.requests.graphql_request import GraphQLRequest
from gateway.requests.reader import METHODS, RequestReader
from gateway.requests.uploads import UploadReader
from gateway.response_cache.answers import Answer
from gateway.response_cache.cache import ResponseCache
from gateway.response_cache.lookups import Lookup
from gateway.streaming.negotiation import accept_header, negotiate_stream, read_accept
from gateway.streaming.responder import StreamResponder
from gateway.streaming.response import StreamHead, StreamResponse
from services.resources import Resources


class Readers(NamedTuple):
    """Read the caller, the GraphQL request, and files of an HTTP request."""

    callers: CallerReader
    requests: RequestReader
    uploads: UploadReader


class GraphQLEndpoint:
    """Answers GraphQL requests over GET and POST. Serves GraphiQL to browsers if it is enabled."""

    def __init__(
        self,
        readers: Readers,
        streams: StreamResponder,
        cache: ResponseCache,
        graphiql: GraphiQL | None,
        *,
        reports_documents: bool,
    ) -> None:
        self._callers, self._requests, self._uploads = readers
        self._operations = streams.operations
        self._streams = streams
        self._cache = cache
        self._graphiql = graphiql
        self._known = KnownRequests(self._callers, self._operations, cache, reports_documents=reports_documents)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._known.may_know(scope):
            message = await receive()
            if (response := await self._known.respond(scope, message)) is not None:
                await response(scope, receive, send)
                return
            receive = _with_first(message, receive)
        request = Request(scope, receive)
        if self._graphiql is not None and accepts_graphiql(request):
            response = await self._graphiql.page(request)
        elif request.method == "OPTIONS":
            response = Response(status_code=204, headers={"Allow": METHODS})
        else:
            response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response | StreamResponse | StreamHead:
        accept = accept_header(request.scope)
        media_type = preferred_media_type(accept)
        try:
            with client_deadline(request.scope):
                body = await self._read_and_answer(request, accept)
        except RequestError as error:
            note_client(self._callers.read_client(request.scope))
            return error_response(error, media_type, reads_json=read_accept(accept).whole)
        except AppError as error:
            return error_response(reject(error), media_type)
        if isinstance(body, StreamResponse | StreamHead):
            return body
        if isinstance(body, Answer):
            return answered(body, media_type, request.scope)
        return json_response(body, 200, media_type)

    async def _read_and_answer(self, request: Request, accept: str) -> Any:
        """Returns the body of the response, or a stream. Raises `RequestError` or another `AppError`."""
        if self._uploads.accepts(request):
            async with self._uploads.read(request) as parts:
                return await self._answer(request, self._requests.convert(parts), accept)
        if request.method in ("GET", "HEAD"):
            return await self._answer(request, self._requests.read_url(request), accept)
        body = await self._requests.read_body(request)
        return await self._answer(request, self._requests.parse(body), accept, body)

    async def _answer(
        self,
        request: Request,
        graphql_request: GraphQLRequest | list[GraphQLRequest],
        accept: str,
        body: bytes | None = None,
    ) -> Any:
        """Answers a request. With its `body`, equal requests are recognized from now on."""
        resources: Resources = request.app.state.resources
        caller = self._callers.read(request.scope, resources)
        if isinstance(graphql_request, list):
            note_operation(caller.client, None).operation = f"a batch of {len(graphql_request)}"
            return await answer_batch(self._operations, graphql_request, caller, resources)
        facts = note_operation(caller.client, graphql_request.operation_name)
        facts.statistics = self._operations.statistics.unknown
        operation = await self._operations.prepare(graphql_request, caller, resources)
        facts.operation, facts.statistics = operation.name, self._operations.statistics.of(operation)
        if is_prefetch(request.scope):
            operation = operation._replace(is_prefetch=True)
        stream_format = negotiate_stream(accept, operation)
        try:
            check_method(operation, request.method, streamed=stream_format is not None)
        except RequestError:
            await self._operations.spendings.take_request(operation, caller, resources)
            raise
        if stream_format is not None:
            response = await self._streams.respond(stream_format, operation, caller, request)
            if operation.kind is OperationType.SUBSCRIPTION:
                facts.count_subscription()
            return response
        may_share = _may_share(request, graphql_request)
        coding = response_coding(request.scope, shared=may_share)
        lookup = self._cache.look_up(operation, caller, resources, coding)
        if body is not None:
            self._known.remember(request, graphql_request, body, lookup, coding)
        budget = None
        if isinstance(lookup, Lookup):
            budget = self._operations.spendings.begin(operation, caller, resources)
        answer = await self._cache.answer(lookup, budget)
        return answer if may_share else answer._replace(shared_policy=None)


def _with_first(message: Message, receive: Receive) -> Receive:
    """Returns a function that receives a message that was read before, and then the next ones."""
    messages = [message]

    async def receive_next() -> Message:
        return messages.pop() if messages else await receive()

    return receive_next


def _may_share(request: Request, graphql_request: GraphQLRequest) -> bool:
    """Returns whether shared caches may store the response: to GET without credentials, of a persisted operation.

    Its id or hash is in the URL. Clients could fill shared caches with responses to texts.
    """
    return request.method != "POST" and not graphql_request.query and permits_sharing(request.scope)
