"""`/graphql`: a request in, an answer out."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, execute
from graphql.execution import Executor
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.addresses import Addresses
from gateway.authentication import authenticate
from gateway.bounds import check_bounds
from gateway.errors import NotExecuted, describe_executed, describe_invalid
from gateway.graphiql import GraphiQL, wants_graphiql
from gateway.operations import Document, InvalidDocument, Operations, choose_operation
from gateway.requests import GraphQLRequest, read_request
from gateway.responses import JSON, json_response, preferred_media_type
from schema.context import Context


class GraphQLEndpoint:
    """Answers GraphQL requests over GET and POST, and browsers with GraphiQL where it is on."""

    def __init__(
        self,
        operations: Operations,
        graphiql: GraphiQL | None,
        executor: type[Executor[Any]],
        addresses: Addresses,
    ) -> None:
        self._operations = operations
        self._graphiql = graphiql
        self._executor = executor
        self._addresses = addresses

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
        document = self._operations.read(asked.query)
        if isinstance(document, InvalidDocument):
            raise NotExecuted([describe_invalid(error) for error in document.errors])
        request.state.operation = choose_operation(document, asked.operation_name, request.method)
        check_bounds(document.bounded, asked.variables or {})
        result = await self._execute(request, document, asked)
        errors = [describe_executed(error) for error in result.errors or ()]
        if result.data is None and all("path" not in error for error in errors):
            raise NotExecuted(errors)
        return {"data": result.data, "errors": errors} if errors else {"data": result.data}

    async def _execute(self, request: Request, document: Document, asked: GraphQLRequest) -> ExecutionResult:
        resources = request.app.state.resources
        viewer = authenticate(request.headers.get("authorization"), resources.access_tokens)
        result = execute(
            self._operations.schema,
            document.node,
            context_value=Context(resources, viewer, self._addresses.of(request)),
            variable_values=asked.variables,
            operation_name=asked.operation_name or None,
            executor_class=self._executor,
        )
        return await result if isawaitable(result) else result


def _refuse(refused: NotExecuted, media_type: str) -> Response:
    """Clients that take JSON alone read errors from a 200, and give up on a 400."""
    status = 200 if refused.status == 400 and media_type == JSON else refused.status  # noqa: PLR2004 - Bad Request
    return json_response({"errors": refused.errors}, status, media_type, refused.headers)
