"""Answers requests by POST that equal earlier ones, without reading them again."""

from contextlib import AbstractContextManager, nullcontext

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope

from core.deadlines import ending_within
from core.errors import AppError
from gateway.callers.reader import CallerReader
from gateway.callers.time_limits import client_seconds
from gateway.costs import Budget
from gateway.documents.persisted.names import document_id, persisted_hash
from gateway.errors.request_error import RequestError, reject
from gateway.execution.operation import priority_of
from gateway.execution.operations import Operations
from gateway.http.compression import IS_CODED
from gateway.http.responses import error_response, preferred_media_type
from gateway.overload import EarlyRejections, KnownBody, is_prefetch
from gateway.request_facts import note_known_operation
from gateway.requests.graphql_request import GraphQLRequest
from gateway.response_cache.answers import Answer, answer_response, get_response, hit_response
from gateway.response_cache.cache import ResponseCache
from gateway.response_cache.lookups import Bypass, Lookup
from gateway.response_cache.repeated import (
    KnownOperation,
    RepeatedRequests,
    RequestKey,
    may_be_repeated,
    request_key,
)
from gateway.streaming.negotiation import accept_header, read_accept

_NO_DEADLINE = nullcontext()


class KnownRequests:
    """Recognizes requests by POST by their bytes, and answers them without parsing their bodies and documents.

    Most users of an app send equal bodies. So the operation of a body is known for all access tokens, and the look-up
    of a stored response for each of them. While the process has too much work, requests that are shed are rejected at
    once.
    """

    def __init__(
        self, callers: CallerReader, operations: Operations, cache: ResponseCache, *, reports_documents: bool
    ) -> None:
        self._callers = callers
        self._operations = operations
        self._cache = cache
        self._reports_documents = reports_documents
        self._repeated = RepeatedRequests()
        admission = operations.admission
        self._rejections = None if admission is None else EarlyRejections(admission)

    def may_know(self, scope: Scope) -> bool:
        """Returns whether a request may be known: one by POST, with a short body."""
        return scope["method"] == "POST" and may_be_repeated(scope)

    async def respond(self, scope: Scope, message: Message) -> Response | None:
        """Returns the response to a request with this first message of its body. None if it has to be read."""
        if message["type"] != "http.request" or message.get("more_body"):
            return None
        body, rejections = message["body"], self._rejections
        if rejections is not None and rejections.is_needed and (rejected := rejections.find(body)) is not None:
            return self._reject(scope, rejected, rejections)
        key = request_key(scope, body)
        known = self._repeated.operation(key)
        if known is None or known.resources is not scope["app"].state.resources:
            return None
        media_type = preferred_media_type(accept_header(scope))
        try:
            return await self._respond(scope, key, known, media_type)
        except RequestError as error:
            return error_response(error, media_type, reads_json=read_accept(accept_header(scope)).whole)
        except AppError as error:
            return error_response(reject(error), media_type)

    def _reject(self, scope: Scope, known: KnownBody, rejections: EarlyRejections) -> Response | None:
        """Returns the response to a request that no stored response answers, if it is shed."""
        rejection = rejections.rejection(known, is_prefetch=is_prefetch(scope))
        if rejection is None:
            return None
        note_known_operation(self._callers.read_client(scope), known.operation, known.statistics)
        return error_response(rejection, preferred_media_type(accept_header(scope)))

    async def _respond(self, scope: Scope, key: RequestKey, known: KnownOperation, media_type: str) -> Response:
        """Returns the response. Raises `RequestError` or another `AppError`."""
        operation, lookup = known.operation, None if known.reason else self._repeated.lookup(key)
        statistics = self._operations.statistics.of(operation)
        if lookup is not None:
            note_known_operation(lookup.caller.client, operation.name, statistics)
            budget = self._begin_again(lookup, scope)
            entry = await self._cache.hit(lookup, budget)
            if entry is not None:
                return hit_response(entry, media_type, scope)
            with client_deadline(scope):
                return answered(await self._cache.answer(lookup, budget), media_type, scope)
        caller = self._callers.read(scope, known.resources)
        note_known_operation(caller.client, operation.name, statistics)
        with client_deadline(scope):
            if known.reason:
                bypass = Bypass(operation, caller, known.resources, known.reason)
                return answered(await self._cache.answer(bypass), media_type, scope)
            found = self._cache.look_up(operation, caller, known.resources, known.coding)
            budget = None
            if isinstance(found, Lookup):
                self._repeated.remember(key, found)
                budget = self._operations.spendings.begin(operation, caller, known.resources)
            return answered(await self._cache.answer(found, budget), media_type, scope)

    def _begin_again(self, lookup: Lookup, scope: Scope) -> Budget | None:
        """Begins to take what the request costs. Its client address may differ from that of the request before."""
        spendings = self._operations.spendings
        if not spendings.counts_requests:
            return None
        caller = lookup.caller._replace(address=self._callers.read_address(scope))
        return spendings.begin(lookup.operation, caller, lookup.resources)

    def remember(
        self, request: Request, graphql_request: GraphQLRequest, body: bytes, lookup: Lookup | Bypass, coding: str
    ) -> None:
        """Recognizes equal requests from now on: to answer them again, or to shed them before they are read."""
        operation, resources = lookup.operation, lookup.resources
        is_executed = isinstance(lookup, Bypass) and lookup.is_permanent
        may_repeat = isinstance(lookup, Lookup) or (is_executed and operation.kind is OperationType.QUERY)
        if may_repeat and self._may_repeat(graphql_request, lookup):
            key, reason = request_key(request.scope, body), lookup.reason if isinstance(lookup, Bypass) else ""
            self._repeated.remember(key, KnownOperation(operation, resources, coding, reason))
            if isinstance(lookup, Lookup):
                self._repeated.remember(key, lookup)
        if is_executed and self._rejections is not None and body not in self._rejections:
            operation = operation._replace(is_prefetch=graphql_request.is_prefetch)
            statistics = self._operations.statistics.of(operation)
            self._rejections.remember(body, KnownBody(priority_of(operation), operation.name, statistics))

    def _may_repeat(self, graphql_request: GraphQLRequest, lookup: Lookup | Bypass) -> bool:
        """Returns whether equal requests may be answered without looking at their documents.

        Not all callers may read the schema. A text with its hash is stored as a persisted query each time that it is
        sent, and unregistered documents may have to be reported.
        """
        if self._operations.reads_closed_schema(lookup.operation):
            return False
        digest = persisted_hash(graphql_request)
        if graphql_request.query:
            return digest is None and not self._reports_documents
        key = document_id(graphql_request) or digest
        return not self._reports_documents or (key is not None and lookup.resources.documents.has(key))


def client_deadline(scope: Scope) -> AbstractContextManager[None]:
    """Returns the context in which the client's own time limit applies, if it sent one."""
    seconds = client_seconds(scope)
    return _NO_DEADLINE if seconds is None else ending_within(seconds)


def answered(answer: Answer, media_type: str, scope: Scope) -> Response:
    """Returns the response with an answer of the response cache."""
    if answer.is_coded:
        scope[IS_CODED] = True
    if scope["method"] == "POST":
        return answer_response(answer, media_type)
    return get_response(answer, media_type, scope)
