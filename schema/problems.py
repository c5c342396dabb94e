"""Expected failures as data."""

from enum import Enum

import strawberry

from schema.row import Row


@strawberry.enum(
    description="What kind of expected failure it is. New ones may join; treat an unknown one as a plain failure."
)
class ProblemCode(Enum):
    """The codes of `core.errors.ProblemCode`, in words."""

    INVALID_INPUT = strawberry.enum_value("INVALID_INPUT", description="Something in the input is not as it has to be.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="It does not exist, or you may not see it.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="You may see it, but not do this to it.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="It was changed by somebody else meanwhile.")
    ALREADY_EXISTS = strawberry.enum_value("ALREADY_EXISTS", description="There is one already.")
    RATE_LIMITED = strawberry.enum_value("RATE_LIMITED", description="Too often; wait before trying again.")
    INVALID_CREDENTIALS = strawberry.enum_value(
        "INVALID_CREDENTIALS", description="E-mail address or password is wrong."
    )
    SESSION_EXPIRED = strawberry.enum_value("SESSION_EXPIRED", description="The session has ended; sign in again.")
    INSUFFICIENT_FUNDS = strawberry.enum_value(
        "INSUFFICIENT_FUNDS", description="There is not enough money in the wallet."
    )
    PAYMENT_DECLINED = strawberry.enum_value("PAYMENT_DECLINED", description="The bank or the provider said no.")
    CURRENCY_MISMATCH = strawberry.enum_value(
        "CURRENCY_MISMATCH", description="The amounts are in different currencies."
    )
    REFUND_EXCEEDS_PAYMENT = strawberry.enum_value(
        "REFUND_EXCEEDS_PAYMENT", description="More than what is left of the payment."
    )
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "IDEMPOTENCY_KEY_REUSED", description="The key was sent before with another input."
    )
    IDEMPOTENCY_IN_PROGRESS = strawberry.enum_value(
        "IDEMPOTENCY_IN_PROGRESS", description="The first request with this key is still under way."
    )
    UNAVAILABLE = strawberry.enum_value("UNAVAILABLE", description="Something this needs is down; try again later.")


@strawberry.interface(
    description="An expected failure, as data: show `message`, or decide by `code`. Every member of a result that is "
    "not its success implements this, so an app that selects `... on Problem` understands failures newer than itself."
)
class Problem(Row):
    """Rows of a `core.errors.ProblemError`."""

    code: ProblemCode = strawberry.field(description="What kind of failure it is.")
    message: str = strawberry.field(description="One sentence for people.")
    field: str | None = strawberry.field(
        description="Dotted path of the input at fault, like `input.name`; null when none is."
    )


@strawberry.type(description="Something in the input is not as it has to be; `field` says what.")
class InvalidInputProblem(Problem):
    """INVALID_INPUT."""


@strawberry.type(description="The e-mail address or the password is wrong; which of them is not told.")
class InvalidCredentialsProblem(Problem):
    """INVALID_CREDENTIALS."""


@strawberry.type(description="Somebody else has it already.")
class AlreadyExistsProblem(Problem):
    """ALREADY_EXISTS."""


@strawberry.type(description="The session has ended; sign in again.")
class SessionExpiredProblem(Problem):
    """SESSION_EXPIRED."""


@strawberry.type(description="Too often from here, or for this account; which of the two is not told.")
class RateLimitedProblem(Problem):
    """RATE_LIMITED."""

    retry_after_seconds: int = strawberry.field(
        description="There is room again after so many seconds. Trying before that does not make it more."
    )


@strawberry.type(description="It does not exist, or the signed-in person may not see it; which of the two is not told.")
class NotFoundProblem(Problem):
    """NOT_FOUND."""


@strawberry.type(description="The signed-in person may see it, but not do this to it.")
class ForbiddenProblem(Problem):
    """FORBIDDEN."""


@strawberry.type(description="The idempotency key cannot be used for this request.")
class IdempotencyProblem(Problem):
    """IDEMPOTENCY_KEY_REUSED or IDEMPOTENCY_IN_PROGRESS."""
