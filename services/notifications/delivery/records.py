"""Records what is sent: before each call, and after it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.database import Queries
from adapters.outcomes import Dead, Later, Outcome, Sent
from models.notifications import NotificationRow
from services.notifications.delivery.destinations import Destination
from services.notifications.delivery.plan import DeliveryState, pause_after

_KEY = {"owner_id": "bigint", "notification_id": "bigint", "channel": "text", "device_id": "bigint"}
_BEGIN = (
    f"INSERT INTO notification_deliveries ({', '.join(_KEY)}, state, attempts, sent, begun_at) "  # noqa: S608 - built from constants
    f"SELECT {', '.join(_KEY)}, 'SENDING', 1, 0, $1 FROM input_rows WHERE true "
    f"ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET state = 'SENDING', due_at = NULL, "
    "attempts = notification_deliveries.attempts + 1, begun_at = excluded.begun_at"
)
_WHERE = "owner_id = $1 AND notification_id = $2 AND channel = $3 AND device_id = $4"
_SENT = (
    "UPDATE notification_deliveries SET state = 'SENT', attempts = 0, sent = sent + 1, sent_at = $5, shown_at = $6 "  # noqa: S608 - as above
    f"WHERE {_WHERE}"
)
_NOT_SENT = f"UPDATE notification_deliveries SET state = $5, due_at = $6 WHERE {_WHERE}"  # noqa: S608 - as above
_DELETE_TOKEN = (
    "DELETE FROM push_tokens WHERE (push_index) IN (SELECT push_index FROM push_tokens "  # noqa: S105 - a statement
    "WHERE push_index = ANY($1) AND user_id = $2 ORDER BY push_index FOR UPDATE)"
)


def _key(notification: NotificationRow, destination: Destination) -> tuple[int, int, str, int]:
    return notification["owner_id"], notification["id"], destination.channel, destination.device_id


async def begin(
    queries: Queries, notification: NotificationRow, destinations: Sequence[Destination], now: datetime
) -> None:
    """Records that calls begin, so that one whose worker dies is counted."""
    await queries.fetch_with_rows(_BEGIN, _KEY, [_key(notification, destination) for destination in destinations], now)


async def record(
    queries: Queries, notification: NotificationRow, destination: Destination, outcome: Outcome, now: datetime
) -> datetime | None:
    """Records the outcome of a call. Returns the time of the next attempt, or None if there is none."""
    key = _key(notification, destination)
    match outcome:
        case Sent():
            await queries.fetch(_SENT, *key, now, notification["created_at"])
            return None
        case Later(seconds=seconds):
            attempts = 1 + (destination.delivery.attempts if destination.delivery else 0)
            due_at = now + max(timedelta(seconds=seconds), pause_after(attempts))
            await queries.fetch(_NOT_SENT, *key, DeliveryState.LATER, due_at)
            return due_at
        case _:
            state = DeliveryState.DEAD if isinstance(outcome, Dead) else DeliveryState.REJECTED
            await queries.fetch(_NOT_SENT, *key, state, None)
            return None


async def delete_tokens(transaction: Queries, owner_id: int, push_indexes: Sequence[str]) -> None:
    """Deletes push tokens that are dead, unless another user has registered them meanwhile.

    A phone that has another token by now keeps it, because that one has another index.
    """
    await transaction.fetch(_DELETE_TOKEN, list(push_indexes), owner_id)
