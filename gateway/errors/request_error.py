"""Errors that end a request, with their codes and HTTP status."""

import logging
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from core.errors import (
    AppError,
    AppUpgradeRequired,
    BadRequest,
    BadUserInput,
    CostExceeded,
    ErrorCode,
    ProblemCode,
    Unavailable,
)
from core.telemetry import request_id
from gateway.request_facts import request_facts

logger = logging.getLogger(__name__)

UNEXPECTED = "Unexpected server error. Try again. If it persists, report the requestId."

ERROR_PAGES = "/errors/"
"""The path of the pages of error codes."""

DOCUMENTATION: Mapping[str, str] = {code: f"{ERROR_PAGES}{code.value}" for code in (*ProblemCode, *ErrorCode)}
STATUS: Mapping[str, int] = {
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
}
"""The HTTP status of codes. Others have 400."""


class RequestError(Exception):
    """Rejects a request before it is executed, with its errors and the HTTP status.

    If it is `malformed`, the request is not a GraphQL request, so no client library sent it.
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


def reject(
    error: AppError,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    locations: Sequence[Mapping[str, int]] = (),
) -> RequestError:
    """Returns the error that ends a request. Without a status, the code of the error determines it.

    `locations` are lines and columns of the document.
    """
    located = {"locations": locations} if any(locations) else {}
    if error.retry_after is not None:
        headers = {"Retry-After": str(ceil(error.retry_after)), **(headers or {})}
    return RequestError([{**describe(error), **located}], status or STATUS.get(error.code, 400), headers)


def malformed(message: str) -> RequestError:
    return RequestError([describe(BadRequest(message))], malformed=True)


def bad_request(message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> RequestError:
    return reject(BadRequest(message), status, headers)


def describe(error: Exception, *, is_logged: bool = True) -> dict[str, Any]:
    """Returns the description of an error without locations. With `is_logged`, the request's log line has its code."""
    if isinstance(error, AppError):
        return {"message": error.message, "extensions": error_extensions(error.code, error, is_logged=is_logged)}
    return {"message": UNEXPECTED, "extensions": error_extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def error_extensions(code: ErrorCode, error: AppError | None = None, *, is_logged: bool = True) -> dict[str, Any]:
    if is_logged and (facts := request_facts.get()) is not None:
        facts.note_error(code, error)
    extensions: dict[str, Any] = {
        "code": code.value,
        "requestId": request_id.get(),
        "retryable": code is ErrorCode.INTERNAL_SERVER_ERROR if error is None else error.retryable,
        "documentation": DOCUMENTATION[code],
    }
    if isinstance(error, BadUserInput):
        extensions["argument"] = error.argument
    if isinstance(error, CostExceeded):
        extensions["cost"] = {"requested": error.requested, "limit": error.limit}
    if isinstance(error, AppUpgradeRequired):
        extensions |= {"minimumVersion": error.minimum, **({"storeUrl": error.store_url} if error.store_url else {})}
    if isinstance(error, Unavailable) and error.feature is not None:
        extensions["feature"] = error.feature
    if error is not None and error.retry_after is not None:
        extensions["retryAfter"] = error.retry_after
    return extensions
