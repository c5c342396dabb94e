"""Errors as clients see them: coded, and with nothing internal."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import AppError, BadRequest, BadUserInput, ErrorCode, ProblemCode
from core.telemetry import request_id
from gateway.request_facts import request_facts

logger = logging.getLogger(__name__)

UNEXPECTED = "Something went wrong on our side. Try again, and if it stays, report the requestId."

ERROR_PAGES = "/errors/"
"""Where this server has a page for each code."""

DOCUMENTATION: Mapping[str, str] = {code: f"{ERROR_PAGES}{code.value}" for code in (*ProblemCode, *ErrorCode)}
_STATUS = {ErrorCode.UNAVAILABLE: 503, ErrorCode.OVERLOADED: 503}


class RequestError(Exception):
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


def reject(
    error: AppError,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    places: Sequence[Mapping[str, int]] = (),
) -> RequestError:
    """Of an error that ends a request; its code says with which status, where none is given.

    `places` are the lines and columns of the document that the error concerns.
    """
    located = {"locations": places} if any(places) else {}
    return RequestError([{**describe(error), **located}], status or _STATUS.get(error.code, 400), headers)


def malformed(message: str) -> RequestError:
    return RequestError([describe(BadRequest(message))], malformed=True)


def bad_request(message: str, status: int = 400, headers: Mapping[str, str] | None = None) -> RequestError:
    return reject(BadRequest(message), status, headers)


def describe(error: Exception) -> dict[str, Any]:
    """An error that belongs to no place in a document."""
    if isinstance(error, AppError):
        return {"message": error.message, "extensions": error_extensions(error.code, error)}
    return {"message": UNEXPECTED, "extensions": error_extensions(ErrorCode.INTERNAL_SERVER_ERROR)}


def error_extensions(code: ErrorCode, error: AppError | None = None) -> dict[str, Any]:
    if (facts := request_facts.get()) is not None:
        facts.note_error(code, error)
    extensions: dict[str, Any] = {
        "code": code.value,
        "requestId": request_id.get(),
        "retryable": code is ErrorCode.INTERNAL_SERVER_ERROR if error is None else error.retryable,
        "documentation": DOCUMENTATION[code],
    }
    if isinstance(error, BadUserInput):
        extensions["argument"] = error.argument
    return extensions
