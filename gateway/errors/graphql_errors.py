"""Errors of parsing, validation and execution, as clients see them. Unexpected errors are logged and masked."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError, GraphQLFormattedError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryGraphQLError

from core.errors import AppError, ErrorCode, ProblemCode
from core.telemetry import request_id
from gateway.errors.invalid_values import message_without_values
from gateway.errors.request_error import DOCUMENTATION, UNEXPECTED, describe, error_extensions
from gateway.request_facts import request_facts

logger = logging.getLogger(__name__)

_MAX_QUOTE = 1000


class DocumentError(NamedTuple):
    """An error of parsing or validation, without a reference to its document."""

    message: str
    locations: Sequence[Mapping[str, int]]
    code: ErrorCode

    @classmethod
    def of(cls, error: GraphQLError) -> "DocumentError":
        syntax = isinstance(error, GraphQLSyntaxError)
        code = ErrorCode.GRAPHQL_PARSE_FAILED if syntax else ErrorCode.GRAPHQL_VALIDATION_FAILED
        locations = [{"line": item.line, "column": item.column} for item in error.locations or ()]
        return cls(_short(error.message), locations, code)


def describe_document_error(error: DocumentError) -> dict[str, Any]:
    """Returns the description of an error of parsing or validation."""
    locations = {"locations": error.locations} if error.locations else {}
    return {"message": error.message, **locations, "extensions": error_extensions(error.code)}


def describe_executed(error: GraphQLError) -> GraphQLFormattedError:
    """Returns the description of an error of execution. Unexpected errors are logged here and masked."""
    cause = error.original_error
    if isinstance(cause, AppError):
        return {**error.formatted, "message": cause.message, "extensions": error_extensions(cause.code, cause)}
    if isinstance(cause, GraphQLError) and (code := _own_code(cause)):
        return {**error.formatted, "extensions": _own_extensions(code, cause.extensions or {})}
    if _is_input_error(error):
        return {
            **error.formatted,
            "message": _short(message_without_values(error)),
            "extensions": error_extensions(ErrorCode.BAD_USER_INPUT),
        }
    logger.error("a field failed: %s", ".".join(map(str, error.path or ())), exc_info=cause or error)
    return {**error.formatted, "message": UNEXPECTED, "extensions": error_extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def describe_failure(error: Exception) -> dict[str, Any]:
    """Returns the description of an error outside of fields. Unexpected errors are logged here and masked."""
    if not isinstance(error, AppError):
        logger.error("an operation failed", exc_info=error)
    return describe(error)


def _short(message: str) -> str:
    """Truncates a message, because it may quote a long text of the request."""
    return message if len(message) <= _MAX_QUOTE else f"{message[:_MAX_QUOTE]}…"


def _is_input_error(error: GraphQLError) -> bool:
    """Returns whether a variable or an argument is invalid. graphql-core raises these before any resolver."""
    cause = error.original_error
    return error.path is None or (isinstance(cause, GraphQLError) and bool(cause.nodes))


def _own_code(raised: GraphQLError) -> str | None:
    """Returns the code of an error that a resolver raised for clients. Returns None if the error must be masked.

    An error is masked if its extensions are not JSON, so that the rest of the response is sent. Permission classes of
    Strawberry raise a `StrawberryGraphQLError`, often without a code.
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


def _own_extensions(code: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    if (facts := request_facts.get()) is not None:
        facts.note_error(code, None)
    page = {"documentation": DOCUMENTATION[code]} if code in DOCUMENTATION else {}
    standard = {"code": code, "requestId": request_id.get(), "retryable": extensions.get("retryable") is True}
    return {**extensions, **standard, **page}
