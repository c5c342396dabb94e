"""Results of executions as clients see them, whatever transport carries them."""

from typing import Any

from graphql import ExecutionResult

from gateway.errors.graphql_errors import describe_executed
from gateway.errors.request_error import RequestError

Answer = dict[str, Any]


def executed(result: ExecutionResult) -> Answer:
    """The answer of an operation; `RequestError` when its variables kept it from being executed."""
    answer = answer_of(result)
    if result.data is None and all("path" not in error for error in answer.get("errors", ())):
        raise RequestError(answer["errors"])
    return answer


def answer_of(result: ExecutionResult) -> Answer:
    if not result.errors:
        return {"data": result.data}
    return {"data": result.data, "errors": [describe_executed(error) for error in result.errors]}
