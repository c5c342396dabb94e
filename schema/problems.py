"""Problems: expected failures of mutations, as data."""

from enum import Enum

import strawberry

from schema.row import Row


@strawberry.enum(
    name="ProblemCode",
    description="The code of a problem. New codes may be added; handle an unknown one as a general failure.",
)
class ProblemCodeEnum(Enum):
    """The codes of `core.errors.ProblemCode`, in words."""

    INVALID_INPUT = strawberry.enum_value("INVALID_INPUT", description="A value of the input is not valid.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="The object does not exist, or you may not see it.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="You may see the object, but may not do this to it.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="The object was changed meanwhile.")
    ALREADY_EXISTS = strawberry.enum_value("ALREADY_EXISTS", description="The value already exists.")
    RATE_LIMITED = strawberry.enum_value("RATE_LIMITED", description="Too many attempts; wait before you try again.")
    INVALID_CREDENTIALS = strawberry.enum_value(
        "INVALID_CREDENTIALS", description="E-mail address or password is wrong."
    )
    SESSION_EXPIRED = strawberry.enum_value("SESSION_EXPIRED", description="The session has ended; sign in again.")
    INSUFFICIENT_FUNDS = strawberry.enum_value(
        "INSUFFICIENT_FUNDS", description="The wallet does not have enough money."
    )
    PAYMENT_DECLINED = strawberry.enum_value(
        "PAYMENT_DECLINED", description="The bank or the payment provider declined the payment."
    )
    CURRENCY_MISMATCH = strawberry.enum_value("CURRENCY_MISMATCH", description="The amounts have different currencies.")
    REFUND_EXCEEDS_PAYMENT = strawberry.enum_value(
        "REFUND_EXCEEDS_PAYMENT", description="The refund is larger than what is left of the payment."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The idempotency key was sent before with another input."
    )
    IDEMPOTENCY_IN_PROGRESS = strawberry.enum_value(
        "IDEMPOTENCY_IN_PROGRESS", description="The first request with this idempotency key is still running."
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE", description="A required service is unavailable; try again later."
    )


@strawberry.interface(
    description="An expected failure, as data: show `message`, or decide by `code`. Every member of a result except "
    "the success implements this interface, so an app that selects `... on Problem` also handles newer problems."
)
class Problem(Row):
    """Describes the row of a `core.errors.ProblemError`."""

    code: ProblemCodeEnum = strawberry.field(description="The code of the problem.")
    message: str = strawberry.field(description="A sentence for the user.")
    field: str | None = strawberry.field(
        description="Dotted path of the invalid input, such as `input.name`; null if there is none."
    )


@strawberry.type(description="A value of the input is not valid; `field` is its path.")
class InvalidInputProblem(Problem):
    """Describes a problem with the code INVALID_INPUT, or CURRENCY_MISMATCH for a currency that is not the wallet's."""


@strawberry.type(description="The e-mail address or the password is wrong. The response does not say which.")
class InvalidCredentialsProblem(Problem):
    """Describes a problem with the code INVALID_CREDENTIALS."""


@strawberry.type(description="The value belongs to another account.")
class AlreadyExistsProblem(Problem):
    """Describes a problem with the code ALREADY_EXISTS."""


@strawberry.type(description="The session has ended; sign in again.")
class SessionExpiredProblem(Problem):
    """Describes a problem with the code SESSION_EXPIRED."""


@strawberry.type(
    description="Too many attempts from this network address or for this account. The response does not say which."
)
class RateLimitedProblem(Problem):
    """Describes a problem with the code RATE_LIMITED."""

    retry_after_seconds: int = strawberry.field(
        description="Seconds until the next attempt is permitted. Earlier attempts do not extend the time."
    )


@strawberry.type(
    description="The object does not exist, or the signed-in user may not see it. The response does not say which."
)
class NotFoundProblem(Problem):
    """Describes a problem with the code NOT_FOUND."""


@strawberry.type(description="The signed-in user may see the object, but may not do this to it.")
class ForbiddenProblem(Problem):
    """Describes a problem with the code FORBIDDEN."""


@strawberry.type(description="The idempotency key cannot be used for this request.")
class IdempotencyProblem(Problem):
    """Describes a problem with the code IDEMPOTENCY_KEY_REUSED or IDEMPOTENCY_IN_PROGRESS."""


@strawberry.type(description="The wallet does not have enough money.")
class InsufficientFundsProblem(Problem):
    """Describes a problem with the code INSUFFICIENT_FUNDS."""


@strawberry.type(description="The bank or the payment provider declined the card.")
class PaymentDeclinedProblem(Problem):
    """Describes a problem with the code PAYMENT_DECLINED."""


@strawberry.type(description="The refund is larger than what is left of the payment.")
class RefundExceedsPaymentProblem(Problem):
    """Describes a problem with the code REFUND_EXCEEDS_PAYMENT."""


@strawberry.type(description="The payment provider does not respond, and nothing was started; try again later.")
class UnavailableProblem(Problem):
    """Describes a problem with the code UNAVAILABLE."""
