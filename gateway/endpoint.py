"""`/graphql`: a request in, an answer out."""

from collections.abc import Mapping
from typing import Any

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.addresses import Addresses
from gateway.authentication import authenticate
from gateway.clients import Clients
from gateway.errors import NotExecuted, bad_request, describe_executed
from gateway.graphiql import GraphiQL, wants_graphiql
from gateway.operations import Caller, Operation, Operations
from gateway.requests import read_request
from gateway.responses import JSON, json_response, preferred_media_type


class GraphQLEndpoint:
    """Answers GraphQL requests over GET and POST, and browsers with GraphiQL where it is on."""

    def __init__(
        self, operations: Operations, graphiql: GraphiQL | None, addresses: Addresses, clients: Clients
    ) -> None:
        self._operations = operations
        self._graphiql = graphiql
        self._addresses = addresses
        self._clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._graphiql is not None and wants_graphiql(request):
            response = await self._graphiql.page(request)
        else:
            media_type = preferred_media_type(request.headers.get("accept", ""))
            try:
                response = json_response(await self._answer(request), 200, media_type)
            except NotExecuted as refused:
                response = _refuse(refused, media_type)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Mapping[str, Any]:
        """The body of an executed operation; `NotExecuted` when none was."""
        asked = await read_request(request)
        resources = request.app.state.resources
        viewer = authenticate(request.headers.get("authorization"), resources.access_tokens)
        caller = Caller(viewer, self._addresses.of(request), self._clients.of_headers(request.scope["headers"]))
        operation = await self._operations.prepare(asked, caller, resources)
        _check_method(operation, request.method)
        request.state.operation = operation.name
        result = await self._operations.execute(operation, caller, resources)
        errors = [describe_executed(error) for error in result.errors or ()]
        if result.data is None and all("path" not in error for error in errors):
            raise NotExecuted(errors)
        return {"data": result.data, "errors": errors} if errors else {"data": result.data}


def _check_method(operation: Operation, method: str) -> None:
    if operation.kind is OperationType.SUBSCRIPTION:
        raise bad_request("Subscriptions are not served over this transport.")
    if operation.kind is OperationType.MUTATION and method == "GET":
        raise bad_request("Send mutations with POST.", 405, {"Allow": "POST"})


def _refuse(refused: NotExecuted, media_type: str) -> Response:
    """Clients that take JSON alone read errors from a 200, and give up on a 400."""
    status = 200 if refused.status == 400 and media_type == JSON else refused.status  # noqa: PLR2004 - Bad Request
    return json_response({"errors": refused.errors}, status, media_type, refused.headers)
