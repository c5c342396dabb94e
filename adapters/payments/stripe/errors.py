"""The errors of Stripe's library, as those of a provider."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import stripe

from adapters.payments.base import ProviderUnavailable, RequestRejected

logger = logging.getLogger(__name__)

_OUR_FAULTS = (
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.InvalidRequestError,
    stripe.IdempotencyError,
    stripe.CardError,
)


@contextmanager
def translated() -> Generator[None]:
    """Raises the exceptions of a provider in place of those of the library, which contain parts of keys and bodies."""
    try:
        yield
    except _OUR_FAULTS as error:
        log_rejection(error)
        raise RequestRejected(f"{type(error).__name__} {error.code or ''}".strip()) from None
    except stripe.StripeError as error:
        raise ProviderUnavailable(f"{type(error).__name__} {error.http_status or ''}".strip()) from None


def log_rejection(error: stripe.StripeError) -> None:
    """Logs that Stripe does not accept a request, without its message, which may contain a part of the API key."""
    logger.error(
        "Stripe rejects a request",
        extra={
            "error": type(error).__name__,
            "code": error.code,
            "parameter": getattr(error, "param", None),
            "stripe_request": error.request_id,
        },
    )
