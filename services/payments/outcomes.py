"""How payments that wait for the provider ended, as their owner sees them."""

import asyncio

from adapters.payments import PaymentKey
from core.errors import ProblemError, payment_declined, provider_unavailable
from core.viewer import SignedIn
from models.payments import PAYMENT_COLUMNS, PAYMENT_TABLES, PaymentRow
from services.resources import Resources

WAIT_SECONDS = 2.0
"""The time that a repeated request waits for the end of the payment that the first one started."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25
_STATE = "SELECT status, action_url, action_secret FROM payments WHERE owner_id = $1 AND id = $2"
_PAYMENT = (
    f"SELECT {PAYMENT_COLUMNS} FROM {PAYMENT_TABLES} "  # noqa: S608 - built from constants
    "WHERE pp.owner_id = $1 AND pp.payment_id = $3 AND pp.payment_owner_id = $2"
)


async def find_payment(viewer: SignedIn, resources: Resources, key: PaymentKey) -> PaymentRow | None:
    """Returns a payment from the viewer's side, or None if the viewer is not a party."""
    rows = await resources.database.fetch(_PAYMENT, viewer.user_id, key.owner_id, key.id)
    return rows[0] if rows else None


async def wait_for_end(resources: Resources, key: PaymentKey) -> None:
    """Waits until a payment is terminal, or the user has to confirm it, for `WAIT_SECONDS` at most."""
    loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
    until = loop.time() + WAIT_SECONDS
    while loop.time() < until:
        rows = await resources.database.fetch(_STATE, *key)
        if not rows or rows[0]["status"] != "PENDING" or rows[0]["action_url"] or rows[0]["action_secret"]:
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def failure_of(payment: PaymentRow, method_field: str | None) -> ProblemError:
    """Returns the problem of a payment that has failed. It is the same for every repetition of its request."""
    if payment["failure_code"] == "EXPIRED_METHOD":
        return payment_declined(method_field, "The card has expired. Use another one.")
    if payment["failure_code"] == "PROVIDER_UNAVAILABLE":
        return provider_unavailable("The payment provider did not respond. No money was moved.")
    return payment_declined(method_field, "The payment was declined. No money was moved.")
