"""Creates audit trails, and changes their rows directly."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.database import DialectSQL
from events import Event, PasswordChanged, SessionBegan, SignInRefused
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.relay import drained

_NO_TRIGGERS = (
    DialectSQL("DROP TRIGGER audit_entries_stay ON audit_entries", "DROP TRIGGER audit_entries_stay"),
    DialectSQL("DROP TRIGGER audit_entries_remain ON audit_entries", "DROP TRIGGER audit_entries_remain"),
)


async def happen(resources: Resources, *events: Event) -> None:
    """Has these in the log and projected."""
    async with unit_of_work(resources) as work:
        for event in events:
            work.emit(event)
    await drained(resources)


async def five_entries(resources: Resources, owner_id: int) -> None:
    """Writes an audit trail of five entries, in several batches."""
    began = [SessionBegan(actor_id=owner_id, device_id=device) for device in (11, 12)]
    await happen(resources, *began)
    await happen(resources, SignInRefused(actor_id=owner_id))
    await happen(resources, PasswordChanged(actor_id=owner_id), SignInRefused(actor_id=owner_id))


async def trail(resources: Resources, owner_id: int) -> list[dict[str, Any]]:
    return await resources.database.fetch("SELECT * FROM audit_entries WHERE owner_id = $1 ORDER BY place", owner_id)


async def tamper(resources: Resources, *statements: str) -> None:
    """Runs statements that the triggers would refuse."""
    for drop in _NO_TRIGGERS:
        await resources.database.fetch(drop)
    for statement in statements:
        await resources.database.fetch(statement)


async def put_back(resources: Resources, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Has the table hold these rows alone, as they were read before."""
    await resources.database.fetch(f"DELETE FROM {table}")
    async with resources.database.transaction() as transaction:
        await transaction.copy(table, list(rows[0]), [tuple(row.values()) for row in rows])
