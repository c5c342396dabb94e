"""Errors and problems, with the messages that clients receive.

An `AppError` ends a field (or a request) as a top-level GraphQL error with a code. A `ProblemError` is an expected
failure of a mutation, which the schema declares: it rolls the unit of work back and becomes a `Problem` in the result.
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
    COST_EXCEEDED = "COST_EXCEEDED"
    APP_UPGRADE_REQUIRED = "APP_UPGRADE_REQUIRED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    NOT_FOUND = "NOT_FOUND"
    UNAVAILABLE = "UNAVAILABLE"
    OVERLOADED = "OVERLOADED"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ProblemCode(StrEnum):
    """`Problem.code`: the kinds of expected failures."""

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
    """A failure with a code and a message for clients. The message contains nothing internal."""

    code = ErrorCode.INTERNAL_SERVER_ERROR
    retryable = False
    retry_after: float | None = None
    """The seconds that a client should wait before it sends the request again, where they are known."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadUserInput(AppError):
    """An invalid argument. `argument` is its dotted path in the operation."""

    code = ErrorCode.BAD_USER_INPUT

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(f"{argument}: {message}")
        self.argument = argument


class BadRequest(AppError):
    """A request that is not a GraphQL request."""

    code = ErrorCode.BAD_REQUEST


class PersistedQueryNotFound(AppError):
    """The hash of an unknown document. The message is part of the APQ protocol: clients then send the document."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(AppError):
    """Persisted queries are off. The message is part of the APQ protocol: clients then send documents."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class DocumentNotRegistered(AppError):
    """A document that no app has registered, or the id of none."""

    code = ErrorCode.PERSISTED_QUERY_NOT_IN_LIST


class SchemaClosed(AppError):
    """A request that reads the schema where no caller may. Other servers answer introspection with this code, too."""

    code = ErrorCode.GRAPHQL_VALIDATION_FAILED


class CostExceeded(AppError):
    """A request that costs more than the limit. `path` leads to its largest part, or is empty."""

    code = ErrorCode.COST_EXCEEDED

    def __init__(self, requested: int, limit: int, subject: str = "the request", path: str = "") -> None:
        largest = f" Most of it is in {path}." if path else ""
        super().__init__(
            f"The cost of {subject} is {requested:,}, and the limit is {limit:,}.{largest} Select smaller pages "
            "or fewer lists within lists, or send several requests."
        )
        self.requested = requested
        self.limit = limit


class AppUpgradeRequired(AppError):
    """A request of a version of an app that is older than the minimum. `store_url` is empty if none is set."""

    code = ErrorCode.APP_UPGRADE_REQUIRED

    def __init__(self, version: str, minimum: str, store_url: str) -> None:
        super().__init__(f"Version {version} of this app is no longer supported. Install version {minimum} or later.")
        self.minimum = minimum
        self.store_url = store_url


class Unauthenticated(AppError):
    """The request has no access token, or one that is not valid (any more)."""

    code = ErrorCode.UNAUTHENTICATED


def account_deleted() -> Unauthenticated:
    """Returns the error of a token whose account does not exist any more."""
    return Unauthenticated("This account was deleted. Sign in with another one.")


class NotFound(AppError):
    """An object that does not exist or that the viewer may not see. Clients cannot distinguish the two."""

    code = ErrorCode.NOT_FOUND


class Unavailable(AppError):
    """A server that the request needs does not answer in time. The same request may succeed later.

    `feature` is the part of the product that is missing, if it is only one.
    """

    code = ErrorCode.UNAVAILABLE
    retryable = True
    is_breaker_open = False
    """Whether an open circuit breaker is the cause. The log says when it opened and closed."""

    def __init__(self, message: str, retry_after: float | None = None, feature: str | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.feature = feature


class Contended(Unavailable):
    """The database rolled the transaction back in favor of a concurrent one (deadlock or serialization failure)."""


class Overloaded(AppError):
    """The process has too much work, or too much of this kind. The request was not started."""

    code = ErrorCode.OVERLOADED
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(AppError):
    """The client has used up a limit of its own. The same request may succeed after `retry_after` seconds."""

    code = ErrorCode.RATE_LIMITED
    retryable = True

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SettingsError(Exception):
    """A setting with which a process cannot start. The message is one line that names the setting."""


class ProblemError(Exception):
    """An expected failure of a mutation. Raised in a unit of work, it rolls the transaction back.

    `typename` is the member of the result union, `field` the dotted path of the invalid input, and `more` contains the
    other fields of the problem.
    """

    def __init__(
        self, typename: str, code: ProblemCode, message: str, field: str | None = None, **more: object
    ) -> None:
        super().__init__(message)
        self.row = {"__typename": typename, "code": code.value, "message": message, "field": field, **more}


def invalid_input(field: str, message: str) -> ProblemError:
    return ProblemError("InvalidInputProblem", ProblemCode.INVALID_INPUT, message, field)


def not_found(field: str, message: str) -> ProblemError:
    """Returns the problem of an object that does not exist or that the viewer may not see."""
    return ProblemError("NotFoundProblem", ProblemCode.NOT_FOUND, message, field)


def already_exists(field: str, message: str) -> ProblemError:
    return ProblemError("AlreadyExistsProblem", ProblemCode.ALREADY_EXISTS, message, field)


def rate_limited(seconds: float) -> ProblemError:
    """Returns the problem of a rate limit. It is the same for every limit and account."""
    return ProblemError(
        "RateLimitedProblem",
        ProblemCode.RATE_LIMITED,
        "Too many attempts. Wait before you try again.",
        retry_after_seconds=max(1, ceil(seconds)),
    )


def forbidden(field: str, message: str) -> ProblemError:
    """Returns the problem of an object that the viewer may see but not change."""
    return ProblemError("ForbiddenProblem", ProblemCode.FORBIDDEN, message, field)


def insufficient_funds(field: str) -> ProblemError:
    """Returns the problem of a wallet with less money than an amount."""
    return ProblemError(
        "InsufficientFundsProblem",
        ProblemCode.INSUFFICIENT_FUNDS,
        "There is not enough money in your wallet.",
        field,
    )


def currency_mismatch(field: str, message: str) -> ProblemError:
    """Returns the problem of an amount in another currency than the wallet or the payment it refers to."""
    return ProblemError("InvalidInputProblem", ProblemCode.CURRENCY_MISMATCH, message, field)


def payment_declined(field: str | None, message: str) -> ProblemError:
    """Returns the problem of a card that the bank or the payment provider declined."""
    return ProblemError("PaymentDeclinedProblem", ProblemCode.PAYMENT_DECLINED, message, field)


def refund_exceeds_payment(field: str, message: str) -> ProblemError:
    """Returns the problem of a refund that is larger than what is left of the payment."""
    return ProblemError("RefundExceedsPaymentProblem", ProblemCode.REFUND_EXCEEDS_PAYMENT, message, field)


def provider_unavailable(message: str) -> ProblemError:
    """Returns the problem of a payment provider that does not respond, before anything was started."""
    return ProblemError("UnavailableProblem", ProblemCode.UNAVAILABLE, message)
