"""Records visits."""

from datetime import timedelta

from core.ids import id_at
from events import PersonReturned
from services.resources import Resources
from services.unit_of_work import UnitOfWork

_NOTED_EVERY = timedelta(days=1)
_NOTE = (
    "INSERT INTO visits (owner_id, last_at) VALUES ($1, $2) ON CONFLICT (owner_id) DO UPDATE "
    "SET previous_at = visits.last_at, last_at = excluded.last_at WHERE visits.last_at < $3 RETURNING previous_at"
)


async def record_visit(work: UnitOfWork, resources: Resources, user_id: int) -> None:
    """Records once a day that a user is active. After a long absence it emits the event that rebuilds the feed."""
    transaction, now = await work.transaction(), resources.clock()
    rows = await transaction.fetch(_NOTE, user_id, now, now - _NOTED_EVERY)
    previous_at = rows[0]["previous_at"] if rows else None
    if previous_at is not None and now - previous_at >= timedelta(days=resources.settings.away_days):
        work.emit(PersonReturned(actor_id=user_id, since_id=id_at(previous_at)))
