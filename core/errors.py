"""What can go wrong, in the words that clients see.

Two kinds, and they never mix. An `AppError` ends a field (or a request) as a top-level error of GraphQL with a code.
A `Refusal` is an outcome that the schema declares: it undoes the unit of work and becomes a `Problem` in its result.
"""

from enum import StrEnum
from math import ceil


class ErrorCode(StrEnum):
    """`extensions.code` of a top-level error."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_REQUEST = "BAD_REQUEST"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    NOT_FOUND = "NOT_FOUND"
    UNAVAILABLE = "UNAVAILABLE"
    OVERLOADED = "OVERLOADED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ProblemCode(StrEnum):
    """`Problem.code`: the kinds of expected failure."""

    INVALID_INPUT = "INVALID_INPUT"
    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    CONFLICT = "CONFLICT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    RATE_LIMITED = "RATE_LIMITED"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    REFUND_EXCEEDS_PAYMENT = "REFUND_EXCEEDS_PAYMENT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    UNAVAILABLE = "UNAVAILABLE"


class AppError(Exception):
    """A failure with a code and a message that may be shown to a client; nothing in it is internal."""

    code = ErrorCode.INTERNAL_SERVER_ERROR
    retryable = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadUserInput(AppError):
    """An argument that no retry can make right; `argument` is its dotted path in the operation."""

    code = ErrorCode.BAD_USER_INPUT

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class BadRequest(AppError):
    """Not a request for an operation."""

    code = ErrorCode.BAD_REQUEST


class PersistedQueryNotFound(AppError):
    """The hash of a document that was not sent lately; clients know the message, and send the document."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(AppError):
    """Hashes stand for nothing here; clients know the message, and send documents from now on."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class NotInList(AppError):
    """A document that nobody registered, or an id that stands for none."""

    code = ErrorCode.PERSISTED_QUERY_NOT_IN_LIST


class Unauthenticated(AppError):
    """Nobody is signed in, or the token that says so cannot be trusted (any more)."""

    code = ErrorCode.UNAUTHENTICATED


class NotFound(AppError):
    """It does not exist, or is not the viewer's to see; the two look the same."""

    code = ErrorCode.NOT_FOUND


class Unavailable(AppError):
    """An engine that this needs is gone or too slow; the same request may succeed later."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class Contended(Unavailable):
    """Others changed the same things at the same time, and the engine undid this to let them go on."""


class Overloaded(AppError):
    """Too much of the same work is waiting already."""

    code = ErrorCode.OVERLOADED
    retryable = True


class SettingsError(Exception):
    """A setting that keeps a role from starting. The message is one line that names the setting."""


class Refusal(Exception):
    """An expected failure of a mutation; raised inside the unit of work, so nothing it did remains.

    `typename` is the member of the result union, `field` the dotted path of the input at fault, `more` what else the
    problem has.
    """

    def __init__(
        self, typename: str, code: ProblemCode, message: str, field: str | None = None, **more: object
    ) -> None:
        super().__init__(message)
        self.row = {"__typename": typename, "code": code.value, "message": message, "field": field, **more}


def invalid_input(field: str, message: str) -> Refusal:
    return Refusal("InvalidInputProblem", ProblemCode.INVALID_INPUT, message, field)


def not_found(field: str, message: str) -> Refusal:
    """For what does not exist, and for what the viewer may not see: the two look the same."""
    return Refusal("NotFoundProblem", ProblemCode.NOT_FOUND, message, field)


def already_exists(field: str, message: str) -> Refusal:
    return Refusal("AlreadyExistsProblem", ProblemCode.ALREADY_EXISTS, message, field)


def rate_limited(seconds: float) -> Refusal:
    """The same whichever limit was reached, and whoever it is about."""
    return Refusal(
        "RateLimitedProblem",
        ProblemCode.RATE_LIMITED,
        "Too many attempts. Wait before you try again.",
        retry_after_seconds=max(1, ceil(seconds)),
    )


def forbidden(field: str, message: str) -> Refusal:
    """For what the viewer sees, but may not change."""
    return Refusal("ForbiddenProblem", ProblemCode.FORBIDDEN, message, field)
