"""Formats results of executions as responses, the same for every transport."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import ExecutionResult

from gateway.errors.graphql_errors import describe_executed
from gateway.errors.request_error import RequestError

FormattedResult = dict[str, Any]
"""`data` and `errors` of a response, or a part of them."""


def format_response(result: ExecutionResult) -> FormattedResult:
    """Returns the response to an operation. Raises `RequestError` if its variables prevented the execution."""
    response = format_result(result)
    if result.data is None and all("path" not in error for error in response.get("errors", ())):
        raise RequestError(response["errors"])
    return response


def format_result(result: ExecutionResult) -> FormattedResult:
    """Returns the result with its errors described. Also used for each event of a subscription."""
    if not result.errors:
        return {"data": result.data}
    return {"data": result.data, "errors": [describe_executed(error) for error in result.errors]}


def codes_of(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the codes of described errors."""
    return [error["extensions"]["code"] for error in errors if "code" in error.get("extensions", ())]
