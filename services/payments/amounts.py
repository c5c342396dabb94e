"""The limits of amounts that users send."""

from datetime import timedelta

from adapters.database import Queries
from core.errors import invalid_input
from core.ids import id_at
from core.money import format_amount
from core.viewer import SignedIn
from services.payments.inputs import Amount
from services.resources import Resources

MINOR_UNITS = "input.amount.minorUnits"
CURRENCY = "input.amount.currency"

_A_DAY = timedelta(days=1)
_SUM_OF_DAY = (
    "SELECT COALESCE(SUM(amount), 0) AS total FROM payments WHERE owner_id = $1 AND id >= $2 AND kind = $3 "
    "AND currency = $4 AND status <> 'FAILED' AND cause IS NULL"
)


def check_amount(resources: Resources, amount: Amount) -> None:
    """Raises `ProblemError` for an amount that is not positive, or above the limit of one payment."""
    if amount.minor_units <= 0:
        raise invalid_input(MINOR_UNITS, "Send an amount greater than zero.")
    limit = resources.settings.max_amounts[amount.currency]
    if amount.minor_units > limit:
        raise invalid_input(MINOR_UNITS, f"Send at most {format_amount(limit, amount.currency)} at once.")


async def check_daily_amount(
    transaction: Queries, viewer: SignedIn, resources: Resources, amount: Amount, kind: str
) -> None:
    """Raises `ProblemError` if the viewer's payments of a kind exceed the limit of 24 hours with this amount.

    Payments of the last 24 hours are found by their ids, which begin with the time. The caller has locked the viewer's
    wallet, so no concurrent payment can be missed.
    """
    first_id = id_at(resources.clock() - _A_DAY)
    (row,) = await transaction.fetch(_SUM_OF_DAY, viewer.user_id, first_id, kind, amount.currency)
    limit = resources.settings.max_daily_amounts[amount.currency]
    if int(row["total"]) + amount.minor_units > limit:
        raise invalid_input(MINOR_UNITS, f"This exceeds the limit of {format_amount(limit, amount.currency)} per day.")
