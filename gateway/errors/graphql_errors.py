"""Errors of parsing, validation and execution, as clients see them. Unexpected errors are logged and masked."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLError, GraphQLFormattedError, GraphQLSyntaxError
from strawberry.exceptions import StrawberryGraphQLError

from core.errors import AppError, ErrorCode, ProblemCode
from core.telemetry import request_id
from gateway.errors.request_error import DOCUMENTATION, UNEXPECTED, describe, error_extensions
from gateway.request_facts import request_facts

logger = logging.getLogger(__name__)

_MAX_QUOTE = 1000


class DocumentError(NamedTuple):
    """An error of parsing or validation, without the document that it was found in."""

    message: str
    locations: Sequence[Mapping[str, int]]
    code: ErrorCode

    @classmethod
    def of(cls, error: GraphQLError) -> "DocumentError":
        syntax = isinstance(error, GraphQLSyntaxError)
        code = ErrorCode.GRAPHQL_PARSE_FAILED if syntax else ErrorCode.GRAPHQL_VALIDATION_FAILED
        locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
        return cls(_short(error.message), locations, code)


def describe_document_error(fault: DocumentError) -> dict[str, Any]:
    """What is wrong with a document that was not executed."""
    places = {"locations": fault.locations} if fault.locations else {}
    return {"message": fault.message, **places, "extensions": error_extensions(fault.code)}


def describe_executed(error: GraphQLError) -> GraphQLFormattedError:
    """An error of execution. What nobody foresaw is logged here, and masked."""
    cause = error.original_error
    if isinstance(cause, AppError):
        return {**error.formatted, "message": cause.message, "extensions": error_extensions(cause.code, cause)}
    if isinstance(cause, GraphQLError) and (code := _own_code(cause)):
        return {**error.formatted, "extensions": _own_extensions(code, cause.extensions or {})}
    if _is_clients(error):
        return {
            **error.formatted,
            "message": _short(error.message),
            "extensions": error_extensions(ErrorCode.BAD_USER_INPUT),
        }
    logger.error("a field failed: %s", ".".join(map(str, error.path or ())), exc_info=cause or error)
    return {**error.formatted, "message": UNEXPECTED, "extensions": error_extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def describe_failure(error: Exception) -> dict[str, Any]:
    """The error that ended an operation outside of its fields. What nobody foresaw is logged here, and masked."""
    if not isinstance(error, AppError):
        logger.error("an operation failed", exc_info=error)
    return describe(error)


def _short(message: str) -> str:
    """Without the rest of what it quotes of a request."""
    return message if len(message) <= _MAX_QUOTE else f"{message[:_MAX_QUOTE]}…"


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
    page = {"documentation": DOCUMENTATION[code]} if code in DOCUMENTATION else {}
    ours = {"code": code, "requestId": request_id.get(), "retryable": given.get("retryable") is True}
    return {**given, **ours, **page}
