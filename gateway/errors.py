"""Errors as clients see them: coded, and with nothing internal."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError, GraphQLFormattedError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryGraphQLError

from core.errors import AppError, BadRequest, BadUserInput, ErrorCode, ProblemCode
from core.telemetry import request_id
from gateway.facts import request_facts

logger = logging.getLogger(__name__)

_UNEXPECTED = "Something went wrong on our side. Try again, and if it stays, report the requestId."
_LONGEST_QUOTE = 1000

ERROR_PAGES = "/errors/"
"""Where this server has a page for each code."""

_DOCUMENTATION: Mapping[str, str] = {code: f"{ERROR_PAGES}{code.value}" for code in (*ProblemCode, *ErrorCode)}
_STATUS = {ErrorCode.UNAVAILABLE: 503, ErrorCode.OVERLOADED: 503}


class NotExecuted(Exception):
    """A request that did not come to an execution: its errors, and the HTTP status that says so.

    What is `malformed` is no GraphQL request at all, so no client library has sent it.
    """

    def __init__(
        self,
        errors: Sequence[Mapping[str, Any]],
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        *,
        malformed: bool = False,
    ) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.status = status
        self.headers = headers
        self.malformed = malformed


class Fault(NamedTuple):
    """An error of parsing or validation, without the document that it was found in."""

    message: str
    locations: Sequence[Mapping[str, int]]
    code: ErrorCode

    @classmethod
    def of(cls, error: GraphQLError) -> "Fault":
        syntax = isinstance(error, GraphQLSyntaxError)
        code = ErrorCode.GRAPHQL_PARSE_FAILED if syntax else ErrorCode.GRAPHQL_VALIDATION_FAILED
        locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
        return cls(_short(error.message), locations, code)


def refuse(
    error: AppError,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    places: Sequence[Mapping[str, int]] = (),
) -> NotExecuted:
    """Of an error that ends a request; its code says with which status, where none is given.

    `places` are the lines and columns of the document that the error concerns.
    """
    located = {"locations": places} if any(places) else {}
    return NotExecuted([{**describe(error), **located}], status or _STATUS.get(error.code, 400), headers)


def malformed(message: str) -> NotExecuted:
    return NotExecuted([describe(BadRequest(message))], malformed=True)


def bad_request(message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> NotExecuted:
    return refuse(BadRequest(message), status, headers)


def describe(error: Exception) -> dict[str, Any]:
    """An error that belongs to no place in a document."""
    if isinstance(error, AppError):
        return {"message": error.message, "extensions": _extensions(error.code, error)}
    return {"message": _UNEXPECTED, "extensions": _extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def describe_fault(fault: Fault) -> dict[str, Any]:
    """What is wrong with a document that was not executed."""
    places = {"locations": fault.locations} if fault.locations else {}
    return {"message": fault.message, **places, "extensions": _extensions(fault.code)}


def describe_executed(error: GraphQLError) -> GraphQLFormattedError:
    """An error of execution. What nobody foresaw is logged here, and masked."""
    cause = error.original_error
    if isinstance(cause, AppError):
        return {**error.formatted, "message": cause.message, "extensions": _extensions(cause.code, cause)}
    if isinstance(cause, GraphQLError) and (code := _own_code(cause)):
        return {**error.formatted, "extensions": _own_extensions(code, cause.extensions or {})}
    if _is_clients(error):
        return {
            **error.formatted,
            "message": _short(error.message),
            "extensions": _extensions(ErrorCode.BAD_USER_INPUT),
        }
    logger.error("a field failed: %s", ".".join(map(str, error.path or ())), exc_info=cause or error)
    return {**error.formatted, "message": _UNEXPECTED, "extensions": _extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def describe_failure(error: Exception) -> dict[str, Any]:
    """The error that ended an operation outside of its fields. What nobody foresaw is logged here, and masked."""
    if not isinstance(error, AppError):
        logger.error("an operation failed", exc_info=error)
    return describe(error)


def _short(message: str) -> str:
    """Without the rest of what it quotes of a request."""
    return message if len(message) <= _LONGEST_QUOTE else f"{message[:_LONGEST_QUOTE]}…"


def _is_clients(error: GraphQLError) -> bool:
    """Whether a variable or an argument could not be read: such errors come from graphql-core, before any resolver."""
    cause = error.original_error
    return error.path is None or (isinstance(cause, GraphQLError) and bool(cause.nodes))


def _own_code(raised: GraphQLError) -> str | None:
    """The code of an error that a resolver raised for its clients; None when it is to be masked.

    It is masked when JSON cannot express its extensions, so that the rest of the answer is sent.
    Permission classes of Strawberry raise a `StrawberryGraphQLError`, often without a code.
    """
    extensions = raised.extensions or {}
    code = extensions.get("code")
    if isinstance(code, str) and code:
        return code if _is_json(extensions) else None
    return ProblemCode.FORBIDDEN.value if isinstance(raised, StrawberryGraphQLError) else None


def _is_json(extensions: Mapping[str, Any]) -> bool:
    try:
        orjson.dumps(extensions)
    except TypeError:
        return False
    return True


def _own_extensions(code: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if (facts := request_facts.get()) is not None:
        facts.note_error(code, None)
    page = {"documentation": _DOCUMENTATION[code]} if code in _DOCUMENTATION else {}
    ours = {"code": code, "requestId": request_id.get(), "retryable": given.get("retryable") is True}
    return {**given, **ours, **page}


def _extensions(code: ErrorCode, error: AppError | None = None) -> dict[str, Any]:
    if (facts := request_facts.get()) is not None:
        facts.note_error(code, error)
    extensions: dict[str, Any] = {
        "code": code.value,
        "requestId": request_id.get(),
        "retryable": code is ErrorCode.INTERNAL_SERVER_ERROR if error is None else error.retryable,
        "documentation": _DOCUMENTATION[code],
    }
    if isinstance(error, BadUserInput):
        extensions["argument"] = error.argument
    return extensions
