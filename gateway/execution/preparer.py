"""Prepares operations from requests."""

from gateway.callers.caller import Caller
from gateway.callers.schema_access import SchemaAccess
from gateway.documents.argument_limits import check_argument_limits
from gateway.documents.guard import check_values
from gateway.documents.persisted import PersistedDocuments
from gateway.documents.reader import InvalidDocument
from gateway.errors.graphql_errors import describe_document_error
from gateway.errors.request_error import RequestError
from gateway.execution.operation import Operation, select_operation
from gateway.execution.spending import Spendings
from gateway.requests.graphql_request import GraphQLRequest
from services.resources import Resources

CHARACTERS_PER_UNIT = 8
"""A new document costs a unit for so many characters. To validate 8 characters takes about as long as to read a row."""


class Preparer:
    """Selects and checks the operations of requests. A document that this process has to read first has a cost."""

    def __init__(self, persisted: PersistedDocuments, spendings: Spendings, access: SchemaAccess) -> None:
        self._persisted = persisted
        self._spendings = spendings
        self._access = access

    async def prepare(self, request: GraphQLRequest, caller: Caller, resources: Resources) -> Operation:
        """Returns the operation that a request selects. Raises `RequestError` if it may not be executed.

        A document that is neither registered nor known to be valid is charged afterwards, by its length. So a caller
        without quota is rejected before such a document is parsed.
        """
        spendings = self._spendings
        if not spendings.counts_requests or self._persisted.is_known(request, resources):
            return await self._prepare_or_charge(request, caller, resources, 1)
        if spendings.knows_empty:
            spendings.check_empty(caller, resources)
        cost = max(1, len(request.query or "") // CHARACTERS_PER_UNIT)
        operation = await self._prepare_or_charge(request, caller, resources, cost)
        spendings.charge(caller, cost)
        return operation

    async def _prepare_or_charge(
        self, request: GraphQLRequest, caller: Caller, resources: Resources, cost: int
    ) -> Operation:
        """Returns the operation. A request without a valid one costs `cost`."""
        try:
            return await self._prepare(request, caller, resources)
        except RequestError:
            self._spendings.charge(caller, cost)
            raise

    async def _prepare(self, request: GraphQLRequest, caller: Caller, resources: Resources) -> Operation:
        variables = request.variables or {}
        if variables:
            check_values(variables)
        document = await self._persisted.choose(request, caller, resources)
        if isinstance(document, InvalidDocument):
            errors = document.errors if self._access.permits(caller.viewer) else document.plain_errors
            raise RequestError([describe_document_error(error) for error in errors])
        operation = select_operation(document, request.operation_name, variables, reports_cost=request.reports_cost)
        if request.is_prefetch:
            operation = operation._replace(is_prefetch=True)
        self._access.check_fields(caller.viewer, document.shapes[operation.name].fields)
        check_argument_limits(document.limited_arguments, variables)
        return operation
