"""Records digests: before each call, and after it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.database import Database, Queries
from adapters.outcomes import Dead, Later, Outcome, Sent
from models.notifications import NotificationRow
from services.notifications.delivery.plan import DeliveryState, pause_after

_BEGIN = (
    "INSERT INTO notification_digests (owner_id, period_id, state, attempts, begun_at) "
    "VALUES ($1, $2, 'SENDING', 1, $3) ON CONFLICT (owner_id, period_id) DO UPDATE SET state = 'SENDING', "
    "attempts = notification_digests.attempts + 1, begun_at = excluded.begun_at"
)
_END = "UPDATE notification_digests SET state = $3 WHERE owner_id = $1 AND period_id = $2"
_TOLD = {"owner_id": "bigint", "notification_id": "bigint", "shown_at": "timestamptz"}
_TELL = (
    "INSERT INTO notification_deliveries (owner_id, notification_id, channel, device_id, state, attempts, sent, "
    "begun_at, sent_at, shown_at) SELECT owner_id, notification_id, 'EMAIL', 0, 'SENT', 0, 1, $1, $1, shown_at "
    "FROM input_rows WHERE true ON CONFLICT (owner_id, notification_id, channel, device_id) DO UPDATE SET "
    "state = 'SENT', attempts = 0, sent = notification_deliveries.sent + 1, sent_at = excluded.sent_at, "
    "shown_at = excluded.shown_at, due_at = NULL"
)


async def begin_digest(queries: Queries, owner_id: int, period_id: int, now: datetime) -> None:
    """Records that a call begins, so that one whose worker dies is counted."""
    await queries.fetch(_BEGIN, owner_id, period_id, now)


async def record_digest(  # noqa: PLR0913, PLR0917 - the key of the row, and its new values
    database: Database,
    owner_id: int,
    period_id: int,
    told: Sequence[NotificationRow],
    outcome: Outcome,
    now: datetime,
) -> None:
    """Records the outcome of a call. After it has succeeded, no other mail tells these notifications again."""
    async with database.transaction() as transaction:
        await transaction.fetch(_END, owner_id, period_id, _state(outcome))
        if isinstance(outcome, Sent):
            rows = [(owner_id, each["id"], each["created_at"]) for each in told]
            await transaction.fetch_with_rows(_TELL, _TOLD, rows, now)


def again_at(outcome: Outcome, attempts: int, now: datetime) -> datetime | None:
    """Returns the time of the next attempt after so many earlier ones, or None if there is none."""
    if not isinstance(outcome, Later):
        return None
    return now + max(timedelta(seconds=outcome.seconds), pause_after(attempts + 1))


def _state(outcome: Outcome) -> str:
    match outcome:
        case Sent():
            return DeliveryState.SENT
        case Later():
            return DeliveryState.LATER
        case Dead():
            return DeliveryState.DEAD
        case _:
            return DeliveryState.REJECTED
