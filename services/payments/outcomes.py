"""The ends of payments that wait for the provider, as their owner sees them."""

import asyncio

from adapters.payments import PaymentKey
from core.errors import ProblemError, payment_declined
from models.payments import PaymentRow
from services.resources import Resources

WAIT_SECONDS = 2.0
"""The time that a repeated request waits for the end of the payment that the first one started."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25
_STATE = "SELECT status, action_url, action_secret FROM payments WHERE owner_id = $1 AND id = $2"


async def wait_for_end(resources: Resources, key: PaymentKey) -> None:
    """Waits until a payment is sealed, or the user has to confirm it, for `WAIT_SECONDS` at most."""
    loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
    until = loop.time() + WAIT_SECONDS
    while loop.time() < until:
        rows = await resources.database.fetch(_STATE, *key)
        if not rows or rows[0]["status"] != "PENDING" or rows[0]["action_url"] or rows[0]["action_secret"]:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def problem_of(payment: PaymentRow, method_field: str | None) -> ProblemError:
    """Returns the problem of a payment that has failed. It is the same for every repetition of its request."""
    if payment["failure_code"] == "EXPIRED_METHOD":
        return payment_declined(method_field, "The card has expired. Use another one.")
    if payment["failure_code"] == "PROVIDER_UNAVAILABLE":
        message = "The payment provider did not respond. No money was moved. Repeat the payment with a new key."
        return payment_declined(None, message)
    return payment_declined(method_field, "The payment was declined. No money was moved.")
