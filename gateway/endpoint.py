"""Handles HTTP requests to `/graphql`."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from core.deadlines import ending_within
from core.errors import AppError
from gateway.batches import answer_batch
from gateway.callers.reader import CallerReader
from gateway.callers.time_limits import client_seconds
from gateway.costs import Budget
from gateway.documents.persisted.names import document_id, persisted_hash
from gateway.errors.request_error import RequestError, reject
from gateway.execution.operation import check_method, priority_of
from gateway.graphiql import GraphiQL, accepts_graphiql
from gateway.http.caching import permits_sharing
from gateway.http.compression import IS_CODED, response_coding
from gateway.http.responses import error_response, json_response, preferred_media_type
from gateway.overload import EarlyRejections, KnownBody, is_prefetch
from gateway.request_facts import note_client, note_known_operation, note_operation
from gateway.requests.graphql_request import GraphQLRequest
from gateway.requests.reader import METHODS, RequestReader
from gateway.requests.uploads import UploadReader
from gateway.response_cache.answers import Answer, answer_response, get_response, hit_response
from gateway.response_cache.cache import ResponseCache
from gateway.response_cache.lookups import Bypass, Lookup
from gateway.response_cache.repeated import RepeatedRequests, may_be_repeated, request_key
from gateway.streaming.negotiation import accept_header, negotiate_stream, read_accept
from gateway.streaming.responder import StreamResponder
from gateway.streaming.response import StreamHead, StreamResponse
from services.resources import Resources

_NO_DEADLINE = nullcontext()


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
        self._reports_documents = reports_documents
        self._repeated = RepeatedRequests()
        admission = self._operations.admission
        self._rejections = None if admission is None else EarlyRejections(admission)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_needed = self._repeated or (self._rejections is not None and self._rejections.is_needed)
        if is_needed and scope["method"] == "POST" and may_be_repeated(scope):
            message = await receive()
            if (response := await self._respond_unread(scope, message)) is not None:
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

    async def _respond_unread(self, scope: Scope, message: Message) -> Response | None:
        """Returns the response to a request whose bytes were read before. None if it has to be read first."""
        if message["type"] != "http.request" or message.get("more_body"):
            return None
        rejections = self._rejections
        if rejections is not None and rejections.is_needed and (known := rejections.find(message["body"])) is not None:
            return self._reject(scope, known, rejections)
        return await self._respond_again(scope, message["body"])

    def _reject(self, scope: Scope, known: KnownBody, rejections: EarlyRejections) -> Response | None:
        """Returns the response to a request that no stored response answers, if it is shed."""
        rejection = rejections.rejection(known, is_prefetch=is_prefetch(scope))
        if rejection is None:
            return None
        note_known_operation(self._callers.read_client(scope), known.operation, known.statistics)
        return error_response(rejection, preferred_media_type(accept_header(scope)))

    async def _respond_again(self, scope: Scope, body: bytes) -> Response | None:
        """Returns the response to a request that equals an earlier one, without reading it."""
        lookup = self._repeated.find(request_key(scope, body))
        if lookup is None or lookup.resources is not scope["app"].state.resources:
            return None
        operation = lookup.operation
        note_known_operation(lookup.caller.client, operation.name, self._operations.statistics.of(operation))
        media_type = preferred_media_type(accept_header(scope))
        try:
            if isinstance(lookup, Bypass):
                caller = lookup.caller._replace(address=self._callers.read_address(scope))
                with _deadline(scope):
                    answer = await self._cache.answer(lookup._replace(caller=caller))
                return _answer_response(answer, media_type, scope)
            budget = self._begin_again(lookup, scope)
            entry = await self._cache.hit(lookup, budget)
            if entry is not None:
                return hit_response(entry, media_type, scope)
            with _deadline(scope):
                answer = await self._cache.answer(lookup, budget)
            return _answer_response(answer, media_type, scope)
        except RequestError as error:
            return error_response(error, media_type, reads_json=read_accept(accept_header(scope)).whole)
        except AppError as error:
            return error_response(reject(error), media_type)

    def _begin_again(self, lookup: Lookup, scope: Scope) -> Budget | None:
        """Begins to take what the request costs. Its client address may differ from that of the request before."""
        spendings = self._operations.spendings
        if not spendings.counts_requests:
            return None
        caller = lookup.caller._replace(address=self._callers.read_address(scope))
        return spendings.begin(lookup.operation, caller, lookup.resources)

    def _may_repeat(self, graphql_request: GraphQLRequest, resources: Resources) -> bool:
        """Returns whether equal requests may be answered without looking at their documents.

        A text with its hash is stored as a persisted query each time that it is sent, and unregistered documents may
        have to be reported.
        """
        digest = persisted_hash(graphql_request)
        if graphql_request.query:
            return digest is None and not self._reports_documents
        key = document_id(graphql_request) or digest
        return not self._reports_documents or (key is not None and resources.documents.has(key))

    async def _respond(self, request: Request) -> Response | StreamResponse | StreamHead:
        accept = accept_header(request.scope)
        media_type = preferred_media_type(accept)
        try:
            with _deadline(request.scope):
                body = await self._read_and_answer(request, accept)
        except RequestError as error:
            note_client(self._callers.read_client(request.scope))
            return error_response(error, media_type, reads_json=read_accept(accept).whole)
        except AppError as error:
            return error_response(reject(error), media_type)
        if isinstance(body, StreamResponse | StreamHead):
            return body
        if isinstance(body, Answer):
            return _answer_response(body, media_type, request.scope)
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
        caller = self._callers.read(request, resources)
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
            self._remember(request, graphql_request, body, lookup)
        budget = None
        if isinstance(lookup, Lookup):
            budget = self._operations.spendings.begin(operation, caller, resources)
        answer = await self._cache.answer(lookup, budget)
        return answer if may_share else answer._replace(shared_policy=None)

    def _remember(
        self, request: Request, graphql_request: GraphQLRequest, body: bytes, lookup: Lookup | Bypass
    ) -> None:
        """Recognizes equal requests from now on: to answer them again, or to shed them before they are read."""
        is_executed = isinstance(lookup, Bypass) and lookup.is_permanent
        is_query = lookup.operation.kind is OperationType.QUERY
        may_repeat = isinstance(lookup, Lookup) or (is_executed and is_query)
        if may_repeat and self._may_repeat(graphql_request, lookup.resources):
            self._repeated.remember(request_key(request.scope, body), lookup)
        if is_executed and self._rejections is not None and body not in self._rejections:
            operation = lookup.operation._replace(is_prefetch=graphql_request.is_prefetch)
            statistics = self._operations.statistics.of(operation)
            self._rejections.remember(body, KnownBody(priority_of(operation), operation.name, statistics))


def _deadline(scope: Scope) -> AbstractContextManager[None]:
    """Returns the context in which the client's own time limit applies, if it sent one."""
    seconds = client_seconds(scope)
    return _NO_DEADLINE if seconds is None else ending_within(seconds)


def _answer_response(answer: Answer, media_type: str, scope: Scope) -> Response:
    if answer.is_coded:
        scope[IS_CODED] = True
    if scope["method"] == "POST":
        return answer_response(answer, media_type)
    return get_response(answer, media_type, scope)


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
