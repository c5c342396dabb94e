"""Checks that a response follows the specifications of GraphQL and of GraphQL over HTTP, and fits its document."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, validate
from httpx2 import Response

from core.errors import ErrorCode, ProblemCode
from tests.gateway.fuzzing.requests import FuzzRequest

NEW = "application/graphql-response+json"
_CODES = {code.value for code in (*ErrorCode, *ProblemCode)}
_LIMIT = re.compile(r"more than [\d,]+ |deeper than |longer than |too many combinations")
_BEFORE_EXECUTION = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
_READS = re.compile(r"\bFROM\b")
_BOUNDED = re.compile(r"\bLIMIT\b|[?$]|\bFROM relay_positions\b")
"""Matches statements that read a limited number of rows: by a limit, by keys, or a row for each partition."""
_STATEMENTS_PER_FIELD = 6


def problems(
    schema: GraphQLSchema, request: FuzzRequest, response: Response, statements: Sequence[str]
) -> Iterator[str]:
    """Yields what is wrong with a response. `statements` ran while the request was executed."""
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    if response.headers["content-type"].partition(";")[0] != request.accept:
        yield f"content type {response.headers['content-type']}"
    try:
        answer: Any = response.json()
    except ValueError:
        yield "no JSON"
        return
    yield from _of_form(answer)
    errors: list[Any] = answer.get("errors", [])
    codes = {error["extensions"]["code"] for error in errors}
    yield from (f"the code {code} is not documented" for code in codes - _CODES)
    if "INTERNAL_SERVER_ERROR" in codes:
        yield "INTERNAL_SERVER_ERROR"
    yield from _of_status(request, response, answer, codes)
    yield from _of_validity(schema, request, errors, codes)
    if "data" not in answer and statements:
        yield f"rejected after {len(statements)} statements"
    yield from _of_statements(request, statements)


def _of_form(answer: Any) -> Iterator[str]:
    if not set(answer) <= {"data", "errors", "extensions"} or not {"data", "errors"} & set(answer):
        yield f"keys {sorted(answer)}"
    if "errors" in answer and not answer["errors"]:
        yield "an empty list of errors"
    for error in answer.get("errors", ()):
        if not set(error) <= {"message", "locations", "path", "extensions"} or not error["message"]:
            yield f"an error with keys {sorted(error)}"
        if "path" in error and not _is_null_at(answer.get("data"), error["path"]):
            yield f"the path {error['path']} does not lead to null"


def _is_null_at(data: Any, path: Sequence[str | int]) -> bool:
    for key in path:
        if data is None:
            return True
        data = data[key]
    return data is None


def _of_status(request: FuzzRequest, response: Response, answer: Any, codes: set[str]) -> Iterator[str]:
    status = response.status_code
    if "data" in answer and answer["data"] is not None and status != 200:
        yield f"data with status {status}"
    if "data" not in answer:
        if request.accept == NEW and status < 400:
            yield f"rejected with status {status}"
        if request.accept != NEW and codes <= _BEFORE_EXECUTION and status != 200:
            yield f"rejected with status {status} as application/json"


def _of_validity(schema: GraphQLSchema, request: FuzzRequest, errors: Sequence[Any], codes: set[str]) -> Iterator[str]:
    """Compares with the parser and the validation of graphql-core."""
    expected = _code_of(schema, request.text)
    found = codes & _BEFORE_EXECUTION
    if expected is None and found and not all(_LIMIT.search(error["message"]) for error in errors):
        yield f"{found} for a valid document: {errors[0]['message']}"
    if expected is not None and not found:
        yield f"an invalid document was not rejected: {expected}"


def _code_of(schema: GraphQLSchema, text: str) -> str | None:
    try:
        errors = validate(schema, parse(text), max_errors=1)
    except GraphQLSyntaxError:
        return "GRAPHQL_PARSE_FAILED"
    except GraphQLError:
        return "GRAPHQL_VALIDATION_FAILED"
    return "GRAPHQL_VALIDATION_FAILED" if errors else None


def _of_statements(request: FuzzRequest, statements: Sequence[str]) -> Iterator[str]:
    """Statements belong to fields and not to objects, and each reads a limited number of rows."""
    most = _STATEMENTS_PER_FIELD * max(1, len(re.findall(r"\w+", request.text)))
    if len(statements) > most:
        yield f"{len(statements)} statements"
    for sql in statements:
        if _READS.search(sql) and not _BOUNDED.search(sql):
            yield f"a statement without a limit: {sql}"
